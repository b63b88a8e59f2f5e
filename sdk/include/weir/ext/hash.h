/* ext/hash.h: digests, so that a plugin need not bring a library for one. */
#ifndef WEIR_EXT_HASH_H
#define WEIR_EXT_HASH_H

#include "../host.h"

#define WEIR_EXT_HASH "weir.hash/1"

typedef struct weir_hash {
    uint32_t size;
    uint32_t reserved;
    /* SHA-256 (FIPS 180-4): writes 32 bytes. [any-thread] */
    void (*sha256)(const weir_host *, weir_slice input, uint8_t *digest);
    /* MD5 (RFC 1321): writes 16 bytes. Not for secrets; some protocols spread things by it. Since
     * minor 1: look with WEIR_HAS first. [any-thread] */
    void (*md5)(const weir_host *, weir_slice input, uint8_t *digest);
} weir_hash;

#endif
