/* ext/status.h: the health of components and of the process. */
#ifndef WEIR_EXT_STATUS_H
#define WEIR_EXT_STATUS_H

#include "../host.h"

#define WEIR_EXT_STATUS "weir.status/1"

enum {
    WEIR_STATE_STARTING = 1,
    WEIR_STATE_OK = 2,
    WEIR_STATE_RECOVERABLE_ERROR = 3,
    WEIR_STATE_PERMANENT_ERROR = 4,
    WEIR_STATE_STOPPING = 5
};

typedef struct weir_status_api {
    uint32_t size;
    uint32_t reserved;
    /* Says how this component is. `why` is for people. [any-thread] */
    void (*report)(const weir_host *, uint32_t state, weir_slice why);
    /* How the whole process is: the same states. [any-thread] */
    uint32_t (*process)(const weir_host *);
    /* Seconds since the process was ready; 0 before. [any-thread] */
    double (*uptime)(const weir_host *);
    /* Counts items in an attempt to deliver that failed and that this sink makes again by itself;
     * an attempt that ends its delivery is counted by the host. `reason` is a word or two that
     * become a label: "retry", "timeout". Since minor 1: look with WEIR_HAS first. [any-thread] */
    void (*attempt_failed)(const weir_host *, weir_signal, uint64_t items, weir_slice reason);
} weir_status_api;

#endif
