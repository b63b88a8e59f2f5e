/* types.h: the small types that all else is made of.
 *
 * Thread classes. Each prototype carries one; a debug host checks them.
 *   [control]     never two at once in one plugin; may block until the deadline that is given
 *   [instance]    never two at once on one instance; which thread is not said
 *   [any-thread]  any thread, also several at once, also from inside another call
 *
 * Ownership. A slice is borrowed: it is valid until the call that brought it returns, and copied by
 * whoever needs it longer. Handles (batch, buffer, timer, ...) say how they are retained. Neither
 * side ever frees memory that the other allocated.
 */
#ifndef WEIR_TYPES_H
#define WEIR_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Borrowed bytes. `data` may be NULL where `length` is 0. Text is UTF-8 without a final zero. */
typedef struct weir_slice {
    const uint8_t *data;
    size_t length;
} weir_slice;

static inline weir_slice weir_text(const char *text) {
    weir_slice slice = {(const uint8_t *)text, text ? strlen(text) : 0};
    return slice;
}

/* What a batch holds. A set of signals is an OR of (1 << signal). */
enum {
    WEIR_TRACES = 1,  /* opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest */
    WEIR_METRICS = 2, /* opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest */
    WEIR_LOGS = 3     /* opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest */
};
typedef uint32_t weir_signal;

/* How a call ended. Treat an unknown positive value as WEIR_REFUSED. */
enum {
    WEIR_OK = 0,
    WEIR_RETRY = 1,       /* not now: the same call may go through after retry_after_ns */
    WEIR_REFUSED = 2,     /* never: the same call would fail again */
    WEIR_PENDING = 3,     /* deliver(), weir.room: the outcome follows */
    WEIR_CANCELLED = 4,   /* the host is stopping, or the caller gave up */
    WEIR_TIMEOUT = 5,     /* the deadline passed */
    WEIR_UNSUPPORTED = 6, /* this side does not have what was asked for */
    WEIR_INVALID = 7      /* the caller broke the contract; the message says how */
};
typedef int32_t weir_status;

/* A moment on the host's monotonic clock, in nanoseconds. 0 is "no deadline". */
typedef uint64_t weir_deadline;

/* Why a call did not end with WEIR_OK. The caller makes it, writes `size`, and passes it down; the
 * callee fills it in, so that no allocation crosses. Always present: never NULL in a call. */
#define WEIR_MESSAGE_MAX 480
typedef struct weir_error {
    uint32_t size;
    weir_status status;
    uint64_t retry_after_ns;  /* with WEIR_RETRY; 0 leaves the choice to the caller */
    uint64_t rejected_items;  /* of a batch that was otherwise taken */
    uint32_t message_length;
    char message[WEIR_MESSAGE_MAX]; /* what was found, what was expected, what to do */
} weir_error;

static inline void weir_error_init(weir_error *error) {
    error->size = sizeof *error;
    error->status = WEIR_OK;
    error->retry_after_ns = 0;
    error->rejected_items = 0;
    error->message_length = 0;
}

/* Fills in an error and returns its status: `return weir_fail(error, WEIR_REFUSED, text);`.
 * Longer text is cut at a character boundary. */
static inline weir_status weir_fail(weir_error *error, weir_status status, weir_slice message) {
    size_t length = message.length < WEIR_MESSAGE_MAX ? message.length : WEIR_MESSAGE_MAX;
    if (length < message.length)
        while (length > 0 && (message.data[length] & 0xC0) == 0x80) length--;
    error->status = status;
    error->message_length = (uint32_t)length;
    if (length > 0) memcpy(error->message, message.data, length);
    return status;
}

/* One attribute of telemetry, for those who do not want to write protobuf. */
enum { WEIR_VALUE_STRING = 1, WEIR_VALUE_BOOL = 2, WEIR_VALUE_INT = 3, WEIR_VALUE_DOUBLE = 4 };
typedef struct weir_attribute {
    weir_slice key;
    uint32_t type;
    uint32_t reserved;
    union {
        weir_slice string;
        bool boolean;
        int64_t integer;
        double number;
    } value;
} weir_attribute;

#endif
