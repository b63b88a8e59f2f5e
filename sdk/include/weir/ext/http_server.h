/* ext/http_server.h: requests from outside, HTTP and gRPC, on the host's sockets.
 *
 * The host owns sockets, TLS, framing, limits, decompression and authentication. A handler sees a
 * request whose body is whole and plain. */
#ifndef WEIR_EXT_HTTP_SERVER_H
#define WEIR_EXT_HTTP_SERVER_H

#include "net.h"

#define WEIR_EXT_HTTP_SERVER "weir.http-server/1"

typedef struct weir_listener weir_listener; /* the host's own */
typedef struct weir_exchange weir_exchange; /* one request that waits for its answer */

enum {
    WEIR_REQUEST_MORE = 1u << 0 /* client streaming: further messages of this call follow */
};

typedef struct weir_request {
    uint32_t size;
    uint32_t protocol; /* WEIR_PROTOCOL_HTTP or WEIR_PROTOCOL_GRPC */
    uint32_t flags;
    uint32_t message_index; /* gRPC: which message of the call this is, from 0 */
    weir_slice method;
    weir_slice path; /* without the query */
    weir_slice query;
    weir_slice content_type;
    weir_slice peer;     /* "203.0.113.7:52114" or "unix:" */
    const weir_buffer *body; /* borrowed; may go into a batch as it is; NULL if there is none */
} weir_request;

typedef struct weir_response {
    uint32_t size;
    uint32_t code;           /* HTTP: 200, 503, ...; gRPC: WEIR_GRPC_... */
    uint64_t retry_after_ns; /* 0: none. Becomes Retry-After, or RetryInfo in the gRPC status */
    weir_slice content_type; /* HTTP */
    weir_slice message;      /* gRPC: grpc-message */
    weir_slice body;         /* copied. gRPC: the one message, sent only with WEIR_GRPC_OK */
    const weir_header *headers;
    size_t header_count;
} weir_response;

typedef struct weir_http_handler {
    uint32_t size;
    uint32_t reserved;
    void *context;
    /* A request. Answer now or later, exactly once; the exchange is valid until then, the request
     * until the call returns. Do not block. [any-thread] */
    void (*request)(void *context, weir_exchange *, const weir_request *);
    /* Whether to read a body of `length` bytes (UINT64_MAX: not announced) at all. Other than
     * WEIR_OK: the host answers 503 or RESOURCE_EXHAUSTED with the error's delay, and reads
     * nothing. NULL: always. [any-thread] */
    weir_status (*admit)(void *context, weir_slice path, uint64_t length, weir_error *);
    /* The caller went away. After the last message of the call: an answer will reach nobody, and
     * the exchange is still to be answered, once, which ends it; so an answer that is under way on
     * another thread stays safe. Before the last message (client streaming): no further message
     * comes, and the exchange ends when this returns. NULL: not interested. [any-thread] */
    void (*abandoned)(void *context, weir_exchange *);
    /* Whether gRPC calls of this path bring a stream of messages. Each is then handed to `request`
     * as it comes, with WEIR_REQUEST_MORE and the same exchange; the end of the stream is one more
     * request, without it and without a body. The answer may be given at any time. NULL: all calls
     * bring one message. [any-thread] */
    bool (*streams)(void *context, weir_slice path);
} weir_http_handler;

typedef struct weir_http_server {
    uint32_t size;
    uint32_t reserved;
    /* Binds and listens. `settings`: see net.h. `protocols`: an OR of WEIR_PROTOCOL_...; others
     * that arrive are told apart, answered where that is possible, and named in the log. [control] */
    weir_status (*listen)(const weir_host *, weir_slice settings, uint32_t protocols,
                          const weir_http_handler *, weir_listener **, weir_error *);
    /* The port that was bound (0 for a unix socket). [any-thread] */
    uint32_t (*port)(const weir_host *, const weir_listener *);
    /* Takes no further connection or request, waits until the running ones are answered or the
     * deadline has passed, and gives the handle back. [control] */
    void (*close)(const weir_host *, weir_listener *, weir_deadline);

    /* A request's header by lower-case name; empty if there is none. Valid until the exchange is
     * answered. [any-thread] */
    weir_slice (*header)(const weir_host *, const weir_exchange *, weir_slice name);
    /* Answers. The exchange is no longer valid afterwards. [any-thread] */
    void (*respond)(const weir_host *, weir_exchange *, const weir_response *);
} weir_http_server;

#endif
