/* start() writes where it must not. */
#include "bad.h"

WEIR_METADATA(BAD_METADATA("bad.crashes-on-start", "bad"));

static weir_status start(weir_instance *self, weir_deadline deadline, weir_error *error) {
    volatile int *nowhere = NULL;
    (void)self, (void)deadline, (void)error;
    *nowhere = 1;
    return WEIR_OK;
}

static const weir_component sink = BAD_SINK(.start = start);
static const weir_component *const components[] = {&sink};
static const weir_plugin plugin = BAD_PLUGIN("bad.crashes-on-start");
const weir_plugin *weir_plugin_main(void) { return &plugin; }
