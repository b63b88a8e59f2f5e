/* What a process that has started no longer needs. */
#ifndef WEIR_MEMORY_H
#define WEIR_MEMORY_H

/* Returns free memory to the kernel, and lets go of code and constants that are in a file still. The
 * kernel counts both as ours for as long as nobody else needs the memory, and starting takes many times
 * what running does. Costs 2 ms, and a fault for each 64 KiB of code that runs again. Any thread. */
void weir_memory_give_back(void);

#endif
