/* ext/storage.h: a small key-value store that survives the process; each instance sees its own. */
#ifndef WEIR_EXT_STORAGE_H
#define WEIR_EXT_STORAGE_H

#include "../host.h"

#define WEIR_EXT_STORAGE "weir.storage/1"

typedef struct weir_storage {
    uint32_t size;
    uint32_t reserved;
    /* Calls `found` once with the value (borrowed), or not at all. [instance], may block */
    weir_status (*get)(const weir_host *, weir_slice key,
                       void (*found)(void *context, weir_slice value), void *context, weir_error *);
    /* On stable storage when it returns WEIR_OK. [instance], may block */
    weir_status (*set)(const weir_host *, weir_slice key, weir_slice value, weir_error *);
    weir_status (*remove)(const weir_host *, weir_slice key, weir_error *);
} weir_storage;

#endif
