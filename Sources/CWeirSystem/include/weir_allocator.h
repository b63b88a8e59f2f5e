/* Settings of the C library's allocator that suit what runs here: large, short-lived buffers on a
 * few threads. */
#ifndef WEIR_ALLOCATOR_H
#define WEIR_ALLOCATOR_H

/* To be called before the first thread starts: an arena that exists is not taken away. */
void weir_allocator_tune(int threads);

#endif
