/* Metadata, and no weir_plugin_main. */
#include "bad.h"

WEIR_METADATA(BAD_METADATA("bad.no-entry", "bad"));

int something_else(void) { return 0; }
