/* init() says why it cannot. */
#include "bad.h"

WEIR_METADATA(BAD_METADATA("bad.init-fails", "bad"));

static weir_status init(const weir_host *host, weir_error *error) {
    (void)host;
    return weir_fail(error, WEIR_UNSUPPORTED, weir_text("no smart card reader on this machine"));
}

static const weir_component sink = BAD_SINK();
static const weir_component *const components[] = {&sink};
static const weir_plugin plugin = BAD_PLUGIN("bad.init-fails", .init = init);
const weir_plugin *weir_plugin_main(void) { return &plugin; }
