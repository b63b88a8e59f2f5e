/* An exporter that keeps how often it has collected, for the test of weir.storage/1. Without a
 * storage it gives -1. A key that it removes again must not come back. */
#include <weir/weir.h>
#include <weir/ext/metrics.h>
#include <weir/ext/storage.h>

#include <stdlib.h>
#include <string.h>

WEIR_METADATA(
    "{\"id\": \"test.keeper\", \"version\": \"1.0.0\", \"license\": \"Apache-2.0\","
    " \"summary\": \"Keeps a number.\", \"components\": [{\"kind\": \"exporter\","
    " \"type\": \"keeper\", \"summary\": \"Counts.\", \"stability\": \"stable\","
    " \"emits\": [\"metrics\"], \"example\": {},"
    " \"settings\": {\"type\": \"object\", \"additionalProperties\": false,"
    "  \"properties\": {}}}]}");

struct weir_instance {
    const weir_host *host;
};

/* A number that was looked for. */
struct found {
    uint64_t number;
    int calls;
};

static weir_status create(const weir_component *component, const weir_host *host,
                          weir_slice settings, weir_instance **out, weir_error *error) {
    weir_instance *self = calloc(1, sizeof *self);
    (void)component, (void)settings, (void)error;
    self->host = host;
    *out = self;
    return WEIR_OK;
}

static weir_status nothing(weir_instance *self, weir_deadline deadline, weir_error *error) {
    (void)self, (void)deadline, (void)error;
    return WEIR_OK;
}

static void destroy(weir_instance *self) { free(self); }

static void take(void *context, weir_slice value) {
    struct found *found = context;
    found->calls++;
    if (value.length == sizeof found->number) memcpy(&found->number, value.data, value.length);
}

static weir_status count(weir_instance *self, struct found *count, weir_error *error) {
    const weir_storage *storage = self->host->extension(self->host, WEIR_EXT_STORAGE);
    weir_slice key = weir_text("collections"), other = weir_text("gone");
    struct found gone = {0, 0};
    if (storage == NULL) {
        count->number = -1;
        return WEIR_OK;
    }
    weir_status status = storage->get(self->host, key, take, count, error);
    if (status != WEIR_OK) return status;
    count->number++;
    weir_slice value = {.data = (const uint8_t *)&count->number, .length = sizeof count->number};
    if ((status = storage->set(self->host, key, value, error)) != WEIR_OK) return status;
    if ((status = storage->set(self->host, other, value, error)) != WEIR_OK) return status;
    if ((status = storage->remove(self->host, other, error)) != WEIR_OK) return status;
    if ((status = storage->get(self->host, other, take, &gone, error)) != WEIR_OK) return status;
    return gone.calls == 0 ? WEIR_OK
                           : weir_fail(error, WEIR_REFUSED, weir_text("what was removed is there"));
}

static weir_status collect(weir_instance *self, weir_metrics *metrics, weir_deadline deadline,
                           weir_error *error) {
    weir_metric_info info = {.size = sizeof info, .type = WEIR_GAUGE,
                             .name = weir_text("keeper_collections"), .unit = weir_text("1"),
                             .description = weir_text("Collections, ever.")};
    struct found found = {0, 0};
    (void)deadline;
    weir_status status = count(self, &found, error);
    if (status != WEIR_OK) return status;
    metrics->integer(metrics, metrics->metric(metrics, &info), (int64_t)found.number, NULL, 0);
    return WEIR_OK;
}

static const weir_component exporter = {
    .size = sizeof(weir_component), .kind = WEIR_EXPORTER, .type = "keeper",
    .create = create, .start = nothing, .stop = nothing, .destroy = destroy, .collect = collect};
static const weir_component *const components[] = {&exporter};
static const weir_plugin plugin = {.size = sizeof(weir_plugin), .epoch = WEIR_ABI_EPOCH,
                                   .minor = WEIR_ABI_MINOR, .component_count = 1,
                                   .id = "test.keeper", .version = "1.0.0",
                                   .components = components};

const weir_plugin *weir_plugin_main(void) { return &plugin; }
