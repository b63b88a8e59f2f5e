/* ext/room.h: senders that wait for room. */
#ifndef WEIR_EXT_ROOM_H
#define WEIR_EXT_ROOM_H

#include "../host.h"

#define WEIR_EXT_ROOM "weir.room/1"

typedef struct weir_room {
    uint32_t size;
    uint32_t reserved;
    /* emit(), and where that would answer RETRY, the batch may wait for room. For receivers: a sender
     * that waits a moment for its answer is slowed down by as much as it has to be; one that is told
     * to come back sends its whole body again. And for those who hold what they emit.
     *
     * It waits for `patience_ns`, or for the longest `block_timeout` of the sinks that follow and are
     * to block, whichever is longer; behind those of the same component and signal that wait already,
     * and within a bound in bytes: but a component that has taken a batch itself already, and bounds
     * what it holds, lets it wait for UINT64_MAX, which is until there is room or the component is
     * stopped, and without that bound. Of several sinks each gets what waits in its order, and none
     * waits for another.
     *
     * What emit() would answer is answered at once. PENDING: the batch waits, and `done` is called with
     * the outcome, exactly once, on any thread, also before this has returned, and before destroy()
     * returns; it must not block. RETRY there: it has waited in vain, or the component is being
     * stopped. Items count as refused only then. [any-thread] */
    weir_status (*emit)(const weir_host *, const weir_batch *, uint64_t patience_ns,
                        void (*done)(void *context, const weir_error *outcome), void *context,
                        weir_error *);
} weir_room;

#endif
