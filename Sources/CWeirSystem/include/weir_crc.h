/* CRC-32C (Castagnoli, RFC 3720), with the processor's instruction where there is one. */
#ifndef WEIR_CRC_H
#define WEIR_CRC_H

#include <stddef.h>
#include <stdint.h>

/* Of what `crc` is of, followed by these bytes; begin with 0. */
uint32_t weir_crc32c(uint32_t crc, const void *bytes, size_t length);

/* The same without the instruction, for tests. */
uint32_t weir_crc32c_portable(uint32_t crc, const void *bytes, size_t length);

#endif
