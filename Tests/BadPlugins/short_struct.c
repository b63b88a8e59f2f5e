/* A component's table that ends before its last function. */
#include "bad.h"

WEIR_METADATA(BAD_METADATA("bad.short-struct", "bad"));

static const weir_component sink = BAD_SINK(.size = 32);
static const weir_component *const components[] = {&sink};
static const weir_plugin plugin = BAD_PLUGIN("bad.short-struct");
const weir_plugin *weir_plugin_main(void) { return &plugin; }
