#include <weir/weir.h>

WEIR_METADATA_BEGIN
#embed "../plugin.json"
WEIR_METADATA_END

WEIR_ENTRY(weir_plugin_kafka)
