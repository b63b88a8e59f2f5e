/* ext/admin.h: pages of a component on the host's own endpoint.
 *
 * The host serves its metrics and health on one address (service.telemetry.metrics.address,
 * 127.0.0.1:8888 unless configured). A component may have paths there too, for those who look after
 * the host: what it does at the moment, and why. Where the endpoint is switched off, serving
 * succeeds and nothing ever asks. */
#ifndef WEIR_EXT_ADMIN_H
#define WEIR_EXT_ADMIN_H

#include "http_server.h"

#define WEIR_EXT_ADMIN "weir.admin/1"

typedef struct weir_admin_route weir_admin_route; /* the host's own */

typedef struct weir_admin {
    uint32_t size;
    uint32_t reserved;
    /* Answers requests for exactly this path ("/api/v1/targets", without a query), of any method.
     * Exchanges are those of ext/http_server.h: `header` and `respond` of weir.http-server/1. Of the
     * handler, only `context`, `request` and `abandoned` are used. WEIR_REFUSED: the host or another
     * component has the path, which the message names. [control] */
    weir_status (*serve)(const weir_host *, weir_slice path, const weir_http_handler *,
                         weir_admin_route **, weir_error *);
    /* Takes the path away and waits until no call of the handler is running; exchanges that are
     * still to be answered stay valid. [control] */
    void (*end)(const weir_host *, weir_admin_route *);
} weir_admin;

#endif
