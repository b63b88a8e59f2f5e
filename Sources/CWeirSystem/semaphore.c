#define _GNU_SOURCE
#include "weir_semaphore.h"

#include <errno.h>
#include <semaphore.h>
#include <time.h>

int weir_semaphore_wait(void *semaphore, uint64_t nanoseconds) {
    struct timespec end;
    clock_gettime(CLOCK_MONOTONIC, &end);
    uint64_t fraction = (uint64_t)end.tv_nsec + nanoseconds % 1000000000u;
    end.tv_sec += (time_t)(nanoseconds / 1000000000u + fraction / 1000000000u);
    end.tv_nsec = (long)(fraction % 1000000000u);
    while (sem_clockwait(semaphore, CLOCK_MONOTONIC, &end) != 0)
        if (errno != EINTR) return errno;
    return 0;
}
