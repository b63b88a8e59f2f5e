/* weir.h: the whole ABI.
 *
 * A Weir plugin is one shared library that exports one function, weir_plugin_main. Read the headers
 * in this order; each is short and about one thing:
 *
 *   version.h     epoch, minor, and the promise of what never changes
 *   types.h       slices, signals, status, errors, deadlines, thread classes
 *   batch.h       telemetry in flight: OTLP bytes, immutable, reference-counted
 *   host.h        what every plugin may ask of the host
 *   component.h   what the host asks of a plugin: create, start, consume, deliver, collect, stop
 *   command.h     what a plugin adds to the command line
 *   plugin.h      the exported function and the metadata that is read before any code runs
 *   ext/          everything else a host may offer, each found by its id
 *
 * No header needs more than C11. C, C++, Rust and Swift have been in mind; any language that can
 * make a shared library will do.
 */
#ifndef WEIR_H
#define WEIR_H

#include "version.h"
#include "types.h"
#include "batch.h"
#include "host.h"
#include "component.h"
#include "command.h"
#include "plugin.h"
#include "ext/metrics.h"
#include "ext/timer.h"
#include "ext/net.h"
#include "ext/http_server.h"
#include "ext/http_client.h"
#include "ext/admin.h"
#include "ext/stream.h"
#include "ext/storage.h"
#include "ext/secrets.h"
#include "ext/ack.h"
#include "ext/room.h"
#include "ext/status.h"
#include "ext/hash.h"
#include "ext/regex.h"
#include "ext/document.h"
#include "ext/dns.h"

#endif
