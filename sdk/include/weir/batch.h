/* batch.h: telemetry in flight.
 *
 * A batch is one OTLP export request, as protobuf bytes, plus what a reader would otherwise have to
 * scan for. It never changes after it was made. Any language can read it, and a process boundary
 * can carry it: there is no pointer in the bytes.
 *
 * Parts. The bytes lie in one or more parts. Each part is a complete request of its own, and the
 * request is their concatenation, which in protobuf is their merge: `resource_spans` and its
 * siblings are the only fields of a request. So batches are joined without copying, written to a
 * socket with one writev, and edited part by part.
 *
 * What holds of the bytes: they are well-formed (lengths, depth, no groups), strings are UTF-8, the
 * item count is right. A host checks what comes from outside once, at the receiver. The order of
 * fields is not given: some writers put `resource` after its children. Unknown fields are kept.
 *
 * Lifetime. A batch that is passed into a call is borrowed. To keep it, retain it; release it when
 * done. A batch that was made or returned is owned by the caller. Both may happen on any thread.
 */
#ifndef WEIR_BATCH_H
#define WEIR_BATCH_H

#include "types.h"

typedef struct weir_batch {
    uint32_t size;
    weir_signal signal;
    uint64_t items; /* spans, data points or log records */
    uint64_t bytes; /* the sum of the parts */
    const weir_slice *parts;
    uint32_t part_count;
    uint32_t flags; /* ignore what you do not know */
} weir_batch;

/* In `flags`: this component has passed these very bytes on before, as they came, and was told RETRY;
 * some of those who follow took them, and are left out when they get the same again. Whoever makes
 * other batches of what it gets emits this one as it is once more, inside consume(), and answers what
 * emit() answers: or those who have it get it twice. */
#define WEIR_BATCH_COMES_AGAIN 1

/* Memory of the host that a plugin may fill and then make batches from. The one who called
 * buffer_make may write until the first batch_make that names it; after that it never changes. */
typedef struct weir_buffer {
    uint32_t size;
    uint32_t reserved;
    uint8_t *data;
    size_t length;
} weir_buffer;

/* How a batch is made: the parts, and who owns the memory that they point into. Every part lies
 * within one of the buffers or within the parts of one of the sources. The new batch retains them.
 *
 * Sources are also its ancestry: an acknowledgement of this batch counts for them (ext/ack.h). Name
 * each batch whose items go into the new one, also where no byte is shared. */
#define WEIR_ITEMS_UNKNOWN UINT64_MAX /* check the parts and count them: for bytes from outside */
typedef struct weir_batch_spec {
    uint32_t size;
    weir_signal signal;
    uint64_t items;
    const weir_slice *parts;
    uint32_t part_count;
    uint32_t source_count;
    const weir_batch *const *sources;
    const weir_buffer *const *buffers;
    uint32_t buffer_count;
    uint32_t reserved;
} weir_batch_spec;

#endif
