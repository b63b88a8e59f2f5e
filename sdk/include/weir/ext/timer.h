/* ext/timer.h: calls later, on the host's clock. */
#ifndef WEIR_EXT_TIMER_H
#define WEIR_EXT_TIMER_H

#include "../host.h"

#define WEIR_EXT_TIMER "weir.timer/1"

typedef struct weir_timer weir_timer; /* the host's own */

typedef struct weir_timer_api {
    uint32_t size;
    uint32_t reserved;
    /* Calls `fire` after `delay_ns`, and if `period_ns` is not 0 again and again. It runs on a
     * thread that serves sockets: do not block. NULL: the host is stopping. [any-thread] */
    weir_timer *(*start)(const weir_host *, uint64_t delay_ns, uint64_t period_ns,
                         void (*fire)(void *context), void *context);
    /* Ends it and gives the handle back, also if it has fired. After it returned, `fire` does not
     * run and will not, unless cancel was called from within it. Do not hold a lock here that
     * `fire` takes. [any-thread] */
    void (*cancel)(const weir_host *, weir_timer *);
} weir_timer_api;

#endif
