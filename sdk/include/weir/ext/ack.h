/* ext/ack.h: what became of a batch, told to the one who brought it in.
 *
 * A receiver whose metadata say `"acknowledges": true` has the setting `ack`. It finds this table if
 * that is `durable` or `delivered`, and then answers a request when it is told; with `enqueued` the
 * table is NULL, and it answers as soon as emit() has returned. The acknowledgement follows the
 * ownership of the items: a batch made from others (batch_make with sources) carries their
 * acknowledgements on. When the last batch that carries one is on disk, or has been delivered,
 * refused or dropped, `settled` is called with the worst of the outcomes. Processors have nothing
 * to do for it.
 *
 * It travels beside the data, so a full queue never blocks it. */
#ifndef WEIR_EXT_ACK_H
#define WEIR_EXT_ACK_H

#include "../host.h"

#define WEIR_EXT_ACK "weir.ack/1"

typedef struct weir_ack {
    uint32_t size;
    uint32_t reserved;
    /* To be called once for a batch, before the first emit(). Only if it answers OK, `settled` is
     * called: exactly once, on any thread, never from within a call of the receiver's, and before
     * destroy() returns; it must not block. OK (delivered, or on disk), RETRY (not now; emit it
     * again), REFUSED (dropped for good, why is in the message), CANCELLED (the process ends;
     * nothing is known). If emit() fails for good, its status is what counts, and `settled` is
     * called with whatever becomes of what was taken. [any-thread] */
    weir_status (*watch)(const weir_host *, const weir_batch *,
                         void (*settled)(void *context, const weir_error *outcome), void *context,
                         weir_error *);
} weir_ack;

#endif
