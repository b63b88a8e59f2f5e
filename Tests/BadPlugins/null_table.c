/* An entry that has nothing to say. */
#include "bad.h"

WEIR_METADATA(BAD_METADATA("bad.null-table", "bad"));

const weir_plugin *weir_plugin_main(void) { return NULL; }
