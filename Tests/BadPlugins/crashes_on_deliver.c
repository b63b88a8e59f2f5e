/* deliver() writes where it must not: inside a running host nothing can be done but to name it. */
#include "bad.h"

WEIR_METADATA(BAD_METADATA("bad.crashes-on-deliver", "bad"));

static weir_status deliver(weir_instance *self, const weir_batch *batch,
                           const weir_delivery *delivery, weir_error *error) {
    volatile int *nowhere = NULL;
    (void)self, (void)batch, (void)delivery, (void)error;
    *nowhere = 1;
    return WEIR_OK;
}

static const weir_component sink = BAD_SINK(.deliver = deliver);
static const weir_component *const components[] = {&sink};
static const weir_plugin plugin = BAD_PLUGIN("bad.crashes-on-deliver");
const weir_plugin *weir_plugin_main(void) { return &plugin; }
