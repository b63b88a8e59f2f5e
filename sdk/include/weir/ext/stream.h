/* ext/stream.h: byte streams over TCP, TLS and unix sockets, for protocols of a plugin's own. */
#ifndef WEIR_EXT_STREAM_H
#define WEIR_EXT_STREAM_H

#include "net.h"

#define WEIR_EXT_STREAM "weir.stream/1"

typedef struct weir_stream weir_stream; /* the host's own */

typedef struct weir_stream_api {
    uint32_t size;
    uint32_t reserved;
    /* Connects as `settings` say ("weir:stream_client": endpoint, tls, timeout). Blocks until the
     * deadline. [instance], on a thread that may block */
    weir_status (*connect)(const weir_host *, weir_slice settings, weir_deadline, weir_stream **,
                           weir_error *);
    /* Writes all. [instance], may block */
    weir_status (*write)(const weir_host *, weir_stream *, weir_slice, weir_deadline, weir_error *);
    /* Reads at least one byte and at most `capacity`; `*length` 0 with WEIR_OK is the end of the
     * stream. [instance], may block */
    weir_status (*read)(const weir_host *, weir_stream *, uint8_t *data, size_t capacity,
                        size_t *length, weir_deadline, weir_error *);
    void (*close)(const weir_host *, weir_stream *); /* [any-thread] */
} weir_stream_api;

#endif
