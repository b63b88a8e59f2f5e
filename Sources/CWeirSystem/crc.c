#include "weir_crc.h"

#include <pthread.h>
#include <string.h>

static uint32_t table[256];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void make_table(void) {
    for (uint32_t byte = 0; byte < 256; byte++) {
        uint32_t crc = byte;
        for (int bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ 0x82f63b78u : crc >> 1;
        table[byte] = crc;
    }
}

uint32_t weir_crc32c_portable(uint32_t crc, const void *bytes, size_t length) {
    const unsigned char *next = bytes;
    pthread_once(&once, make_table);
    crc = ~crc;
    while (length-- > 0) crc = table[(crc ^ *next++) & 0xff] ^ (crc >> 8);
    return ~crc;
}

#if defined(__x86_64__)
#include <nmmintrin.h>

__attribute__((target("sse4.2"))) static uint32_t with_instruction(uint32_t crc,
                                                                   const unsigned char *next,
                                                                   size_t length) {
    uint64_t sum = ~crc;
    for (; length >= 8; length -= 8, next += 8) {
        uint64_t word;
        memcpy(&word, next, 8);
        sum = _mm_crc32_u64(sum, word);
    }
    for (; length > 0; length--) sum = _mm_crc32_u8((uint32_t)sum, *next++);
    return ~(uint32_t)sum;
}

uint32_t weir_crc32c(uint32_t crc, const void *bytes, size_t length) {
    if (__builtin_cpu_supports("sse4.2")) return with_instruction(crc, bytes, length);
    return weir_crc32c_portable(crc, bytes, length);
}
#elif defined(__ARM_FEATURE_CRC32)
#include <arm_acle.h>

uint32_t weir_crc32c(uint32_t crc, const void *bytes, size_t length) {
    const unsigned char *next = bytes;
    uint32_t sum = ~crc;
    for (; length >= 8; length -= 8, next += 8) {
        uint64_t word;
        memcpy(&word, next, 8);
        sum = __crc32cd(sum, word);
    }
    for (; length > 0; length--) sum = __crc32cb(sum, *next++);
    return ~sum;
}
#else
uint32_t weir_crc32c(uint32_t crc, const void *bytes, size_t length) {
    return weir_crc32c_portable(crc, bytes, length);
}
#endif
