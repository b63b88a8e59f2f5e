/* Waiting for a semaphore by a clock that nobody sets: sem_timedwait goes by the time of day, and ends at
 * once, or an hour late, when that is corrected. */
#ifndef WEIR_SEMAPHORE_H
#define WEIR_SEMAPHORE_H

#include <stdint.h>

/* Waits for a sem_t. Returns 0, or ETIMEDOUT after so many nanoseconds. */
int weir_semaphore_wait(void *semaphore, uint64_t nanoseconds);

#endif
