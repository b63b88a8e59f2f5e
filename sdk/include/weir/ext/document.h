/* ext/document.h: files that people write, as JSON. */
#ifndef WEIR_EXT_DOCUMENT_H
#define WEIR_EXT_DOCUMENT_H

#include "../host.h"

#define WEIR_EXT_DOCUMENT "weir.document/1"

typedef struct weir_document {
    uint32_t size;
    uint32_t reserved;
    /* Reads one YAML document, which JSON is too, and calls `found` once with the same as JSON
     * (borrowed). Scalars are what YAML 1.2's core schema says: `yes` is a text. Keys are texts and
     * keep their order; aliases and `<<` are resolved; nothing is read from the environment. An
     * empty document is `null`. WEIR_INVALID: the error begins with "line:column: ", both from 1,
     * columns in characters. [any-thread] */
    weir_status (*to_json)(const weir_host *, weir_slice text,
                           void (*found)(void *context, weir_slice json), void *context,
                           weir_error *);
} weir_document;

#endif
