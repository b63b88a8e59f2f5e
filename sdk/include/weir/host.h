/* host.h: what every component may ask of its host.
 *
 * Each instance gets a table of its own: `context` tells the host who is calling, so pass back the
 * pointer that you were given and keep it until destroy() returns. Inside create() only `log`,
 * the clocks and `extension` may be called; from start() on, everything.
 *
 * What is beyond this core is found by id: `extension(host, "weir.timer/1")`. NULL means that this
 * host does not have it; a component that cannot do without says so in create().
 */
#ifndef WEIR_HOST_H
#define WEIR_HOST_H

#include "batch.h"

/* Levels of a log line. The last two assign blame, and are counted. */
enum {
    WEIR_LOG_TRACE = 0,
    WEIR_LOG_DEBUG = 1,
    WEIR_LOG_INFO = 2,
    WEIR_LOG_WARNING = 3,
    WEIR_LOG_ERROR = 4,
    WEIR_LOG_HOST_MISBEHAVING = 5,
    WEIR_LOG_PLUGIN_MISBEHAVING = 6
};

typedef struct weir_delivery weir_delivery; /* component.h */

typedef struct weir_host {
    uint32_t size;
    uint32_t epoch;
    uint32_t minor;
    uint32_t reserved;
    void *context; /* the host's own */

    /* Writes one log line; the host adds time, component and plugin. [any-thread] */
    void (*log)(const struct weir_host *, uint32_t level, weir_slice message);
    /* Whether a line of this level would be written. [any-thread] */
    bool (*log_enabled)(const struct weir_host *, uint32_t level);

    /* Nanoseconds since 1970, and on a clock that only goes forward. In tests both are virtual, so
     * take the time from nowhere else. [any-thread] */
    uint64_t (*unix_nano)(const struct weir_host *);
    uint64_t (*monotonic_nano)(const struct weir_host *);
    /* True once the call in progress should end: its deadline passed or the host is stopping.
     * Ask between steps of anything that takes long. [any-thread] */
    bool (*is_cancelled)(const struct weir_host *);

    /* Hands a batch to what follows this component in every pipeline that it is part of and that
     * carries the batch's signal. WEIR_OK: all that follows has taken it. WEIR_UNSUPPORTED: no
     * pipeline of this component carries the signal. WEIR_RETRY: hold it or
     * refuse it to whoever sent it, and try again after `retry_after_ns`. WEIR_REFUSED: it will
     * never be taken. The batch stays yours. [any-thread] */
    weir_status (*emit)(const struct weir_host *, const weir_batch *, weir_error *);
    /* Says that items which this component took will not be passed on, and why, in a word or two
     * that become a label ("filtered", "duplicate"). Whatever is neither emitted nor dropped counts
     * as held. [any-thread] */
    void (*drop)(const struct weir_host *, weir_signal, uint64_t items, weir_slice reason);
    /* Ends a delivery that deliver() left WEIR_PENDING, possibly on another thread before
     * deliver() has returned. Exactly once each. [any-thread] */
    void (*settle)(const struct weir_host *, const weir_delivery *, const weir_error *outcome);

    /* A buffer of exactly `length` bytes, owned by the caller; NULL if the host's memory budget
     * does not allow it. [any-thread] */
    weir_buffer *(*buffer_make)(const struct weir_host *, size_t length);
    void (*buffer_retain)(const struct weir_host *, const weir_buffer *);  /* [any-thread] */
    void (*buffer_release)(const struct weir_host *, const weir_buffer *); /* [any-thread] */
    /* A batch owned by the caller; NULL with the reason in the error. [any-thread] */
    const weir_batch *(*batch_make)(const struct weir_host *, const weir_batch_spec *, weir_error *);
    void (*batch_retain)(const struct weir_host *, const weir_batch *);  /* [any-thread] */
    void (*batch_release)(const struct weir_host *, const weir_batch *); /* [any-thread] */

    /* A table of functions by id, or NULL. Valid as long as the process. [any-thread] */
    const void *(*extension)(const struct weir_host *, const char *id);
} weir_host;

#endif
