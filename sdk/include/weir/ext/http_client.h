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
} weir_client_request;

enum {
    WEIR_REPLY_NOT_PROCESSED = 1u << 0 /* the other side certainly did nothing with the request */
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
} weir_http_client;

#endif
