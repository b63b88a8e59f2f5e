/* component.h: what the host asks of a component.
 *
 *   kind        takes            gives            instances
 *   receiver    from outside     emit()           one for each id, shared by its pipelines
 *   exporter    collect()        by the host      one for each id, shared by its pipelines
 *   processor   consume()        emit()           one for each pipeline that names it
 *   connector   consume()        emit()           one for each id; ends pipelines and starts others
 *   sink        deliver()        to outside       one for each id, shared by its pipelines
 *   extension   -                -                one for each id
 *
 * Life. create → start → (consume | deliver | collect)* → drain → stop → destroy. stop() may come
 * without start(), and twice; destroy() comes once, last. Sinks start first and stop last; receivers
 * the other way round. drain() comes when nothing more will arrive: emit what is held.
 * Whatever start() took (threads, sockets, timers) is given back before stop() returns, and no
 * thread of the plugin runs its code after that.
 */
#ifndef WEIR_COMPONENT_H
#define WEIR_COMPONENT_H

#include "host.h"

enum {
    WEIR_RECEIVER = 1,
    WEIR_EXPORTER = 2,
    WEIR_PROCESSOR = 3,
    WEIR_CONNECTOR = 4,
    WEIR_SINK = 5,
    WEIR_EXTENSION = 6
};

enum {
    /* consume(), deliver() and collect() may run several at once. Without it the host lets one in
     * at a time. */
    WEIR_CAN_RUN_CONCURRENTLY = 1u << 0,
    /* deliver() may block (file, database, client library). The host then calls it on a thread that
     * is made for it, never on one that serves sockets. collect() always may; consume() never. */
    WEIR_MAY_BLOCK = 1u << 1
};

typedef struct weir_instance weir_instance; /* the plugin's own */
typedef struct weir_metrics weir_metrics;   /* ext/metrics.h */

/* One attempt to deliver one batch. Valid until it is settled. */
struct weir_delivery {
    uint32_t size;
    uint32_t attempt; /* 1 for the first */
    weir_deadline deadline;
    void *token; /* the host's own */
};

typedef struct weir_component {
    uint32_t size;
    uint32_t kind;
    const char *type; /* "otlp": as in the metadata, where signals and settings are declared */
    uint32_t capabilities;
    uint32_t reserved;
    void *context; /* the plugin's own, for create() */

    /* Makes an instance from settings: JSON that the host has checked against the schema in the
     * metadata, defaults filled in, durations as nanoseconds, sizes as bytes. Opens nothing, starts
     * nothing. [control] */
    weir_status (*create)(const struct weir_component *, const weir_host *, weir_slice settings,
                          weir_instance **, weir_error *);
    /* Opens sockets, starts timers. Not OK: the host calls stop() and destroy(). [control] */
    weir_status (*start)(weir_instance *, weir_deadline, weir_error *);
    /* Emits what is held, because nothing more will come. RETRY: what follows does not take all of
     * it now; call again until the deadline has passed. NULL: holds nothing. [control] */
    weir_status (*drain)(weir_instance *, weir_deadline, weir_error *);
    /* Ends everything that start() began. [control] */
    weir_status (*stop)(weir_instance *, weir_deadline, weir_error *);
    /* [control] */
    void (*destroy)(weir_instance *);

    /* Processors and connectors. OK: this component is now responsible for the batch. RETRY or
     * REFUSED: nothing of it was taken. After stop(): WEIR_CANCELLED. Borrowed: see batch.h.
     * [instance], or [any-thread] with WEIR_CAN_RUN_CONCURRENTLY */
    weir_status (*consume)(weir_instance *, const weir_batch *, weir_error *);
    /* Sinks. OK: delivered (`rejected_items` says how many were not, for good). RETRY: the host
     * queues and tries again. REFUSED: the host drops it and counts. PENDING: settle() follows; the
     * host keeps batch and delivery until then. Threads as consume(). */
    weir_status (*deliver)(weir_instance *, const weir_batch *, const weir_delivery *, weir_error *);
    /* Exporters. Reads the system that it watches into `metrics`; the host emits them with the
     * time of the call. The host calls it every `interval`, which is a setting that it adds.
     * Threads as consume(); may always block. */
    weir_status (*collect)(weir_instance *, weir_metrics *, weir_deadline, weir_error *);

    /* What else this instance offers, by id; NULL if nothing. NULL as a field: nothing at all.
     * [any-thread] */
    const void *(*extension)(weir_instance *, const char *id);
} weir_component;

#endif
