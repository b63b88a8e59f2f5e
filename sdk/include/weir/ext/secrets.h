/* ext/secrets.h: secrets that are lent, not given. Settings hold a reference; the value is fetched
 * when it is needed, so that it can change while the process runs, and is never kept or logged. */
#ifndef WEIR_EXT_SECRETS_H
#define WEIR_EXT_SECRETS_H

#include "../host.h"

#define WEIR_EXT_SECRETS "weir.secrets/1"

typedef struct weir_secrets {
    uint32_t size;
    uint32_t reserved;
    /* Calls `lend` once with the value, borrowed for that call. [instance], may block */
    weir_status (*resolve)(const weir_host *, weir_slice reference, weir_deadline,
                           void (*lend)(void *context, weir_slice value), void *context,
                           weir_error *);
} weir_secrets;

#endif
