#include "weir_emission.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

/* One for each thread that emits, kept for the next thread when that one ends. */
struct place {
    _Atomic uint64_t began; /* the moment at which its emission began; 0: none is under way */
    uint32_t depth;
    atomic_bool is_taken;
    struct place *next;
};

static struct place *_Atomic places;
static _Atomic uint64_t now = 1;
static _Thread_local struct place *mine;
static pthread_key_t key;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void give_back(void *place) {
    atomic_store_explicit(&((struct place *)place)->is_taken, false, memory_order_release);
}

static void make_key(void) { pthread_key_create(&key, give_back); }

static struct place *take_place(void) {
    pthread_once(&once, make_key);
    struct place *place = atomic_load(&places);
    for (; place; place = place->next) {
        bool is_taken = false;
        if (atomic_compare_exchange_strong(&place->is_taken, &is_taken, true)) break;
    }
    if (!place) {
        place = calloc(1, sizeof *place);
        if (!place) abort();
        atomic_init(&place->is_taken, true);
        place->next = atomic_load(&places);
        while (!atomic_compare_exchange_weak(&places, &place->next, place)) {}
    }
    pthread_setspecific(key, place);
    return mine = place;
}

void weir_emission_begin(void) {
    struct place *place = mine ? mine : take_place();
    if (place->depth++ > 0) return;
    /* Sequentially consistent, as is the scan below: either the scan sees this emission, or the
     * emission sees what was stored before the mark. */
    atomic_store(&place->began, atomic_load_explicit(&now, memory_order_acquire));
}

void weir_emission_end(void) {
    if (--mine->depth == 0) atomic_store_explicit(&mine->began, 0, memory_order_release);
}

uint64_t weir_emission_mark(void) { return atomic_fetch_add(&now, 1) + 1; }

bool weir_emission_ended(uint64_t mark) {
    for (struct place *place = atomic_load(&places); place; place = place->next) {
        uint64_t began = atomic_load(&place->began);
        if (began != 0 && began < mark) return false;
    }
    return true;
}
