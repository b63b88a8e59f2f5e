/* ext/room.h: how long a sender waits for room. */
#ifndef WEIR_EXT_ROOM_H
#define WEIR_EXT_ROOM_H

#include "../host.h"

#define WEIR_EXT_ROOM "weir.room/1"

typedef struct weir_room {
    uint32_t size;
    uint32_t reserved;
    /* Nanoseconds for which a batch of this signal that emit() answered with WEIR_RETRY is to be
     * held and emitted again, before its sender is told to come back: the longest `block_timeout`
     * of the sinks that follow and are to block; 0: as the component itself likes. [any-thread] */
    uint64_t (*patience)(const weir_host *, weir_signal);
} weir_room;

#endif
