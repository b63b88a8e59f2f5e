/* The resolver of the C library, with records of every type and their TTL, which getaddrinfo does
 * not tell. */
#ifndef WEIR_NAMES_H
#define WEIR_NAMES_H

#include <stdint.h>

typedef struct weir_name_record {
    const char *target; /* an address as text, or a name without its final dot */
    uint32_t ttl;
    uint16_t priority;
    uint16_t weight;
    uint16_t port;
} weir_name_record;

enum {
    WEIR_NAME_ANSWERED = 0, /* with the records that there are, maybe none */
    WEIR_NAME_FAILED = 1,   /* no server could be reached, or all had trouble: later, perhaps */
    WEIR_NAME_REFUSED = 2,  /* the servers do not answer this at all */
    WEIR_NAME_INVALID = 3   /* this is no name, or no server */
};

/* Looks a name up by resolv.conf, which is read anew; blocks. `server` and `port` take the place of
 * its servers, if `server` (an IPv4 address) is not NULL. `seconds`: how long to wait for a server at
 * a time, at most; 0: as resolv.conf says. `found` is called for each record of the type. */
int weir_name_search(const char *name, int type, const char *server, uint16_t port,
                     unsigned seconds,
                     void (*found)(void *context, const weir_name_record *record), void *context);

#endif
