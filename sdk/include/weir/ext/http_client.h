/* ext/http_client.h: requests to outside, HTTP and gRPC, over the host's connections. */
#ifndef WEIR_EXT_HTTP_CLIENT_H
#define WEIR_EXT_HTTP_CLIENT_H

#include "net.h"

#define WEIR_EXT_HTTP_CLIENT "weir.http-client/1"

typedef struct weir_client weir_client; /* the host's own */

typedef struct weir_client_request {
    uint32_t size;
    uint32_t part_count;
    weir_slice method; /* gRPC: ignored */
    weir_slice path;   /* appended to the path of the endpoint, "" for none; gRPC: "/package.Service/Method" */
    const weir_header *headers; /* beside those of the settings */
    size_t header_count;
    /* The body, in parts that are sent one after the other; compressed as the settings say. If
     * `batch` is given, the parts lie within it and the host retains it; otherwise they are copied. */
    const weir_slice *parts;
    const weir_batch *batch;
    weir_deadline deadline; /* 0: the `timeout` of the settings */

    uint32_t flags; /* an OR of WEIR_SEND_... */
    uint32_t reserved;
    /* The largest body of an answer, decoded. Beyond it nothing more is read, the connection is
     * closed, and the reply is WEIR_REFUSED with WEIR_REPLY_TOO_LARGE. 0: 4 MiB, or with `chunk` no
     * limit. */
    uint64_t max_body;
    /* The body of an answer with a 2xx code, decoded, piece by piece as it comes, and never after
     * `replied`; the body in the reply is then empty. What is not 2xx is whole in the reply. Not for
     * gRPC. NULL: the whole body is in the reply. `context` is that of `replied`. It must not block.
     * One call at a time, on any thread. */
    void (*chunk)(void *context, weir_slice bytes);
    /* By this number cancel() finds the request: unique among those of this client that are under
     * way. 0: it will not be cancelled. */
    uint64_t id;
} weir_client_request;

enum {
    /* Ask for a compressed answer. Those that come compressed are decoded in any case. */
    WEIR_SEND_ACCEPT_COMPRESSED = 1u << 0
};

enum {
    WEIR_REPLY_NOT_PROCESSED = 1u << 0, /* the other side certainly did nothing with the request */
    WEIR_REPLY_TOO_LARGE = 1u << 1      /* the body was over the limit */
};

typedef struct weir_reply {
    uint32_t size;
    uint32_t flags;
    /* OK: an answer came, look at `code`. Otherwise none did, and `message` says why. */
    weir_status status;
    uint32_t code;           /* HTTP status or WEIR_GRPC_... */
    uint64_t retry_after_ns; /* from Retry-After or RetryInfo; 0: none */
    weir_slice message;      /* gRPC: grpc-message */
    weir_slice content_type;
    weir_slice body;
    const weir_header *headers;
    size_t header_count;
    uint64_t wire_bytes; /* of the body, as it came: compressed, if it was */
} weir_reply;

typedef struct weir_http_client {
    uint32_t size;
    uint32_t reserved;
    /* Prepares a client for the endpoint in `settings` (see net.h); connects at first need.
     * `protocol`: one WEIR_PROTOCOL_... [control] */
    weir_status (*open)(const weir_host *, weir_slice settings, uint32_t protocol, weir_client **,
                        weir_error *);
    /* Sends. `replied` is called exactly once, unless this returns other than WEIR_OK; possibly
     * before this returns, on any thread; it must not block. [any-thread] */
    weir_status (*send)(const weir_host *, weir_client *, const weir_client_request *,
                        void (*replied)(void *context, const weir_reply *), void *context,
                        weir_error *);
    /* Ends what is under way with WEIR_CANCELLED, waits for those calls to return, and gives the
     * handle back. [control] */
    void (*close)(const weir_host *, weir_client *);
    /* Ends the request with this `id`: `replied` is called with WEIR_CANCELLED, unless it has been
     * or is being called already. An id that is not under way is ignored. [any-thread] */
    void (*cancel)(const weir_host *, weir_client *, uint64_t id);
} weir_http_client;

#endif
