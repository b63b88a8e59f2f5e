/* Its metadata and its table are of different epochs. */
#include "bad.h"

WEIR_METADATA(BAD_METADATA("bad.wrong-table-epoch", "bad"));

static const weir_component sink = BAD_SINK();
static const weir_component *const components[] = {&sink};
static const weir_plugin plugin = BAD_PLUGIN("bad.wrong-table-epoch", .epoch = 7);
const weir_plugin *weir_plugin_main(void) { return &plugin; }
