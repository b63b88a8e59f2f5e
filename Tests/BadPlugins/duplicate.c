/* Registers its one component twice. */
#include "bad.h"

WEIR_METADATA(BAD_METADATA("bad.duplicate", "bad"));

static const weir_component sink = BAD_SINK();
static const weir_component *const components[] = {&sink, &sink};
static const weir_plugin plugin = BAD_PLUGIN("bad.duplicate", .component_count = 2);
const weir_plugin *weir_plugin_main(void) { return &plugin; }
