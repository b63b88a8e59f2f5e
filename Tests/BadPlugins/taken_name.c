/* Declares a component that another plugin has. */
#include "bad.h"

WEIR_METADATA(BAD_METADATA("bad.taken-name", "nop"));

static const weir_component sink = BAD_SINK(.type = "nop");
static const weir_component *const components[] = {&sink};
static const weir_plugin plugin = BAD_PLUGIN("bad.taken-name");
const weir_plugin *weir_plugin_main(void) { return &plugin; }
