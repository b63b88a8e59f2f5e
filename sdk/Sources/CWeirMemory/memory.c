#define _GNU_SOURCE
#include "weir_memory.h"

#include <fcntl.h>
#include <link.h>
#include <malloc.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

typedef struct {
    uintptr_t page;
    int pagemap;
} reading;

/* What the kernel says of a page in /proc/self/pagemap: it is here, and it is the file's own. One that
 * somebody has written to is not: relocated code, a breakpoint, a library that unpacks itself. */
static const uint64_t IS_PRESENT = 1ull << 63, IS_OF_FILE = 1ull << 61;

static void give_back_pages(const reading *in, uintptr_t from, uintptr_t to) {
    uint64_t states[512];
    while (from < to) {
        uintptr_t count = (to - from) / in->page;
        if (count > sizeof states / sizeof *states) count = sizeof states / sizeof *states;
        ssize_t bytes = pread(in->pagemap, states, count * sizeof *states,
                              (off_t)(from / in->page * sizeof *states));
        if (bytes != (ssize_t)(count * sizeof *states)) return;
        for (uintptr_t first = 0; first < count;) {
            uintptr_t next = first;
            while (next < count && (states[next] & IS_PRESENT) && (states[next] & IS_OF_FILE)) next++;
            if (next > first)
                madvise((void *)(from + first * in->page), (next - first) * in->page, MADV_DONTNEED);
            first = next + 1;
        }
        from += count * in->page;
    }
}

/* Segments that are not for writing, in whole pages: the others may belong to a neighbour. */
static int give_back_object(struct dl_phdr_info *object, size_t size, void *context) {
    (void)size;
    const reading *in = context;
    /* The program has no name here, the kernel's own pages have no path. */
    if (object->dlpi_name[0] != '\0' && strchr(object->dlpi_name, '/') == NULL) return 0;
    for (int i = 0; i < object->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &object->dlpi_phdr[i];
        if (part->p_type != PT_LOAD || (part->p_flags & PF_W) != 0) continue;
        uintptr_t from = object->dlpi_addr + part->p_vaddr;
        uintptr_t to = from + part->p_filesz;
        give_back_pages(in, (from + in->page - 1) & ~(in->page - 1), to & ~(in->page - 1));
    }
    return 0;
}

void weir_memory_give_back(void) {
#ifdef __GLIBC__
    malloc_trim(0);
#endif
    reading in = {.page = (uintptr_t)sysconf(_SC_PAGESIZE),
                  .pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC)};
    if (in.pagemap < 0) return;
    dl_iterate_phdr(give_back_object, &in);
    close(in.pagemap);
}
