/* start() never comes back. */
#include "bad.h"

#include <unistd.h>

WEIR_METADATA(BAD_METADATA("bad.hangs-on-start", "bad"));

static weir_status start(weir_instance *self, weir_deadline deadline, weir_error *error) {
    (void)self, (void)deadline, (void)error;
    while (pause()) {}
    return WEIR_OK;
}

static const weir_component sink = BAD_SINK(.start = start);
static const weir_component *const components[] = {&sink};
static const weir_plugin plugin = BAD_PLUGIN("bad.hangs-on-start");
const weir_plugin *weir_plugin_main(void) { return &plugin; }
