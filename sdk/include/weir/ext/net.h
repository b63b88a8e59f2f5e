/* ext/net.h: what the network extensions share.
 *
 * Settings. A listener or a client is opened with a piece of the component's own settings, as JSON.
 * What stands there (endpoint, tls, headers, compression, limits, keepalive, ...) is the host's
 * business: a plugin's schema refers to it as {"$ref": "weir:grpc_server"}, "weir:http_server",
 * "weir:grpc_client", "weir:http_client", so that every plugin has the same options and gets new
 * ones without being rebuilt. */
#ifndef WEIR_EXT_NET_H
#define WEIR_EXT_NET_H

#include "../host.h"

enum {
    WEIR_PROTOCOL_HTTP = 1u << 0, /* HTTP/1.1 and HTTP/2 */
    WEIR_PROTOCOL_GRPC = 1u << 1
};

typedef struct weir_header {
    weir_slice name; /* lower case */
    weir_slice value;
} weir_header;

/* Status codes of gRPC that this ABI speaks of. */
enum {
    WEIR_GRPC_OK = 0,
    WEIR_GRPC_CANCELLED = 1,
    WEIR_GRPC_UNKNOWN = 2,
    WEIR_GRPC_INVALID_ARGUMENT = 3,
    WEIR_GRPC_DEADLINE_EXCEEDED = 4,
    WEIR_GRPC_NOT_FOUND = 5,
    WEIR_GRPC_PERMISSION_DENIED = 7,
    WEIR_GRPC_RESOURCE_EXHAUSTED = 8,
    WEIR_GRPC_ABORTED = 10,
    WEIR_GRPC_OUT_OF_RANGE = 11,
    WEIR_GRPC_UNIMPLEMENTED = 12,
    WEIR_GRPC_INTERNAL = 13,
    WEIR_GRPC_UNAVAILABLE = 14,
    WEIR_GRPC_DATA_LOSS = 15,
    WEIR_GRPC_UNAUTHENTICATED = 16
};

#endif
