/* Its table has a component that its metadata does not mention. */
#include "bad.h"

WEIR_METADATA(BAD_METADATA("bad.undeclared", "other"));

static const weir_component sink = BAD_SINK();
static const weir_component *const components[] = {&sink};
static const weir_plugin plugin = BAD_PLUGIN("bad.undeclared");
const weir_plugin *weir_plugin_main(void) { return &plugin; }
