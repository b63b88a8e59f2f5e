/* Metadata of an ABI that is yet to come. */
#include "bad.h"

#undef WEIR_ABI_EPOCH
#define WEIR_ABI_EPOCH 2
WEIR_METADATA(BAD_METADATA("bad.wrong-epoch", "bad"));

static const weir_component sink = BAD_SINK();
static const weir_component *const components[] = {&sink};
static const weir_plugin plugin = BAD_PLUGIN("bad.wrong-epoch");
const weir_plugin *weir_plugin_main(void) { return &plugin; }
