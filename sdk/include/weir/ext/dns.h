/* ext/dns.h: names looked up in the Domain Name System, without blocking. */
#ifndef WEIR_EXT_DNS_H
#define WEIR_EXT_DNS_H

#include "../host.h"

#define WEIR_EXT_DNS "weir.dns/1"

/* Types of records, with the numbers of RFC 1035, RFC 2782 and RFC 3596. */
enum {
    WEIR_DNS_A = 1,
    WEIR_DNS_NS = 2,
    WEIR_DNS_MX = 15,
    WEIR_DNS_AAAA = 28,
    WEIR_DNS_SRV = 33
};

typedef struct weir_dns_record {
    uint32_t ttl;      /* seconds */
    uint16_t priority; /* MX (there: preference) and SRV, otherwise 0 */
    uint16_t weight;   /* SRV */
    uint16_t port;     /* SRV */
    uint16_t reserved;
    uint32_t reserved2;
    weir_slice target; /* A, AAAA: the address as text; otherwise a name without its final dot */
} weir_dns_record;

typedef struct weir_dns_answer {
    uint32_t size;
    /* WEIR_OK: the servers answered; no records then means that they know of none, be it that the
     * name does not exist or that it has none of this type. Otherwise `message` says what failed:
     * WEIR_RETRY, WEIR_TIMEOUT, WEIR_CANCELLED, WEIR_REFUSED. */
    weir_status status;
    weir_slice message;
    const weir_dns_record *records; /* in the order of the answer */
    size_t record_count;
} weir_dns_answer;

typedef struct weir_dns {
    uint32_t size;
    uint32_t reserved;
    /* Looks up the records of one type (`type`: WEIR_DNS_...) as the machine's resolv.conf says:
     * its servers, its search domains for a name with fewer than `ndots` dots and no final one.
     * `answered` is called exactly once, unless this returns other than WEIR_OK: by the deadline (0:
     * the resolver's own), before destroy() is called, possibly before this returns, on any thread;
     * it must not block. [any-thread] */
    weir_status (*lookup)(const weir_host *, weir_slice name, uint32_t type, weir_deadline,
                          void (*answered)(void *context, const weir_dns_answer *), void *context,
                          weir_error *);
} weir_dns;

#endif
