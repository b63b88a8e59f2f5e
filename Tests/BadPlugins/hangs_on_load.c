/* init() never comes back. */
#include "bad.h"

#include <unistd.h>

WEIR_METADATA(BAD_METADATA("bad.hangs-on-load", "bad"));

static weir_status init(const weir_host *host, weir_error *error) {
    (void)host, (void)error;
    while (pause()) {}
    return WEIR_OK;
}

static const weir_component sink = BAD_SINK();
static const weir_component *const components[] = {&sink};
static const weir_plugin plugin = BAD_PLUGIN("bad.hangs-on-load", .init = init);
const weir_plugin *weir_plugin_main(void) { return &plugin; }
