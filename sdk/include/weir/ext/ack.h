/* ext/ack.h: what became of a batch, told to the one who brought it in.
 *
 * A receiver that has promised delivery asks to be told. The acknowledgement follows the ownership
 * of the items: a batch made from others (batch_make with sources) carries their acknowledgements
 * on. When the last batch that carries one has been delivered, refused or dropped, `settled` is
 * called with the worst of the outcomes. Processors have nothing to do for it.
 *
 * It travels beside the data, so a full queue never blocks it. */
#ifndef WEIR_EXT_ACK_H
#define WEIR_EXT_ACK_H

#include "../host.h"

#define WEIR_EXT_ACK "weir.ack/1"

typedef struct weir_ack {
    uint32_t size;
    uint32_t reserved;
    /* To be called before emit(). `settled` is called exactly once, on any thread, and must not
     * block: OK (delivered), RETRY (not now; emit it again), REFUSED (dropped for good, why is in
     * the message), CANCELLED (the process ends; nothing is known). [any-thread] */
    weir_status (*watch)(const weir_host *, const weir_batch *,
                         void (*settled)(void *context, const weir_error *outcome), void *context,
                         weir_error *);
} weir_ack;

#endif
