/* Names the plugin that was running when the process crashed. A crash cannot be caught; it can be
 * explained. Each thread leaves a breadcrumb before it enters a plugin. */
#ifndef WEIR_CRASH_H
#define WEIR_CRASH_H

#include <stdbool.h>
#include <stdint.h>

/* Installs handlers for SIGSEGV, SIGBUS, SIGILL, SIGFPE and SIGABRT that write one line to standard
 * error and then let the signal do its work. */
void weir_crash_install(void);

extern _Thread_local const char *weir_crash_breadcrumb;

/* Says what this thread is about to run ("sink otlp (plugin weir.otlp): deliver"), returns what it
 * said before, to be put back afterwards. The text must live as long as the process. */
static inline const char *weir_crash_enter(const char *text) {
    const char *before = weir_crash_breadcrumb;
    weir_crash_breadcrumb = text;
    return before;
}

static inline void weir_crash_leave(const char *before) { weir_crash_breadcrumb = before; }

/* Where this thread leaves its breadcrumb, for another one that wonders what it is at. */
const char *const *weir_crash_place(void);

/* What lies there; NULL: the thread is in no plugin, or its thread has just left. */
const char *weir_crash_read(const char *const *place);

/* When the call that this thread is making into a plugin has to end, on the monotonic clock; 0: not
 * said. For is_cancelled, which does not get the call's own deadline. */
extern _Thread_local uint64_t weir_call_deadline;

static inline uint64_t weir_call_until(uint64_t deadline) {
    uint64_t before = weir_call_deadline;
    weir_call_deadline = deadline;
    return before;
}

static inline uint64_t weir_call_deadline_now(void) { return weir_call_deadline; }

/* Whether this thread hands on a batch that was refused before, and that counts as refused already. */
extern _Thread_local bool weir_call_repeated;

static inline bool weir_call_repeat(bool repeated) {
    bool before = weir_call_repeated;
    weir_call_repeated = repeated;
    return before;
}

static inline bool weir_call_is_repeat(void) { return weir_call_repeated; }

/* The batch that this thread is handing on; 0: none. A component that is in between and passes it on
 * as it came does not speak for whoever brought it. */
extern _Thread_local uintptr_t weir_call_batch;

static inline uintptr_t weir_call_hand_on(uintptr_t batch) {
    uintptr_t before = weir_call_batch;
    weir_call_batch = batch;
    return before;
}

static inline uintptr_t weir_call_handed_on(void) { return weir_call_batch; }

/* Who is not to be given what this thread hands on, because they have turned down what came before it;
 * NULL: all are. */
extern _Thread_local void *weir_call_refusals;

static inline void *weir_call_heed(void *refusals) {
    void *before = weir_call_refusals;
    weir_call_refusals = refusals;
    return before;
}

static inline void *weir_call_heeded(void) { return weir_call_refusals; }

/* Counts the batches that some took and others did not, on this thread: whoever is told RETRY sees by
 * it whether anybody has the batch. */
extern _Thread_local uint64_t weir_call_split_count;

static inline uint64_t weir_call_splits(void) { return weir_call_split_count; }

static inline void weir_call_count_splits(uint64_t count) { weir_call_split_count = count; }

/* The batch that a component on this thread emitted last that some took and others did not; 0: none. */
extern _Thread_local uintptr_t weir_call_split_batch;

static inline void weir_call_note_split(uintptr_t batch) { weir_call_split_batch = batch; }

static inline uintptr_t weir_call_noted_split(void) { return weir_call_split_batch; }

#endif
