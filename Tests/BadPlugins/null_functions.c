/* A sink that cannot deliver, nor be destroyed. */
#include "bad.h"

WEIR_METADATA(BAD_METADATA("bad.null-functions", "bad"));

static const weir_component sink = BAD_SINK(.deliver = NULL, .destroy = NULL);
static const weir_component *const components[] = {&sink};
static const weir_plugin plugin = BAD_PLUGIN("bad.null-functions");
const weir_plugin *weir_plugin_main(void) { return &plugin; }
