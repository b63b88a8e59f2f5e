/* ext/stream.h: byte streams over TCP, TLS and unix sockets, for protocols of a plugin's own. */
#ifndef WEIR_EXT_STREAM_H
#define WEIR_EXT_STREAM_H

#include "net.h"

#define WEIR_EXT_STREAM "weir.stream/1"

typedef struct weir_stream weir_stream; /* the host's own */

typedef struct weir_certificate {
    weir_slice der;
    int64_t not_before; /* seconds since 1970 */
    int64_t not_after;
    weir_slice subject; /* RFC 2253: "CN=db.example,O=Example,C=CH" */
    weir_slice issuer;
    weir_slice serial; /* hexadecimal, lower case */
    uint8_t sha256[32]; /* of `der` */
    /* The subject's alternative names. */
    const weir_slice *dns_names;
    size_t dns_name_count;
    const weir_slice *ip_addresses; /* as text */
    size_t ip_address_count;
} weir_certificate;

typedef struct weir_tls_info {
    uint32_t size;
    uint32_t verified; /* 1: an authority that we trust vouches for this name, now; otherwise 0 */
    weir_slice version; /* "TLS 1.3" */
    weir_slice cipher;  /* "TLS_AES_128_GCM_SHA256", the name of IANA */
    weir_slice problem; /* what is wrong with the certificate, where it is not verified */
    /* The server's certificate, then that of its authority, and so on: as far up as we know them.
     * The last one of a verified chain is the trusted authority itself. */
    const weir_certificate *certificates;
    size_t certificate_count;
} weir_tls_info;

/* Where a stream leads, and when it came about: on the host's monotonic clock, in nanoseconds; 0:
 * this has not happened. */
typedef struct weir_stream_info {
    uint32_t size;
    uint32_t address_length;
    char address[112];     /* "192.0.2.1:6379", "[2001:db8::1]:6379", "unix:/run/redis.sock" */
    uint64_t began_ns;     /* connect() was called */
    uint64_t resolved_ns;  /* the name had become addresses; also where it was one already */
    uint64_t connected_ns; /* the other side had taken the connection */
    uint64_t secured_ns;   /* the handshake of TLS was done */
} weir_stream_info;

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

    /* All calls of one stream come from one thread at a time. Once the component is asked to stop,
     * those that block return WEIR_CANCELLED. Where `settings` of connect() also have
     * `"kept_at_stop": true`, for what has to be said at the end, they do so once stop() has ended or
     * its time is over; hosts that do not know it cancel such a stream like the others. */

    /* Goes over to TLS (STARTTLS), as `tls` in `settings` says ("weir:stream_client"; where it has
     * none, with the system's authorities). The name that is verified is server_name_override, or
     * the host of the endpoint in `settings`, or, without one, that of connect(). What the other
     * side sent before and was not read makes it fail. [instance], may block */
    weir_status (*start_tls)(const weir_host *, weir_stream *, weir_slice settings, weir_deadline,
                             weir_error *);
    /* Calls `found` once with what the handshake came to, before it returns. WEIR_UNSUPPORTED: the
     * stream has no TLS. [instance] */
    weir_status (*tls_info)(const weir_host *, weir_stream *,
                            void (*found)(void *context, const weir_tls_info *), void *context,
                            weir_error *);
    /* Fills in what `info->size` has room for. [instance] */
    void (*info)(const weir_host *, weir_stream *, weir_stream_info *);
    /* Reads certificates from a file's bytes: PEM, all that are in it, or one in DER. Calls `found`
     * once before it returns, unless it fails. [any-thread] */
    weir_status (*read_certificates)(const weir_host *, weir_slice pem_or_der,
                                     void (*found)(void *context, const weir_certificate *,
                                                   size_t count),
                                     void *context, weir_error *);
} weir_stream_api;

#endif
