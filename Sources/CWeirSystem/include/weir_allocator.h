/* Settings of the C library's allocator that suit what runs here: large, short-lived buffers on a
 * few threads. */
#ifndef WEIR_ALLOCATOR_H
#define WEIR_ALLOCATOR_H

#include <stdbool.h>

/* To be called before the first thread starts: an arena that exists is not taken away.
 * `receives`: requests come all the time; otherwise something is collected now and then. */
void weir_allocator_tune(int threads, bool receives);

#endif
