/* An exporter with Prometheus' own names and every kind of point, for the tests of `weir exporter`.
 * What it does depends on `endpoint`: "fail" fails after it has written shop_up 0, "hang" returns
 * two seconds after its deadline, "twice" gives a point twice; all else is up. */
#define _GNU_SOURCE /* memmem */
#include <weir/weir.h>
#include <weir/ext/metrics.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SETTING(name, more) "\"" name "\": {\"type\": \"string\", " more "\"description\": \"A " name ".\"}"

WEIR_METADATA(
    "{\"id\": \"test.shop\", \"version\": \"1.0.0\", \"license\": \"Apache-2.0\","
    " \"summary\": \"A shop.\", \"components\": [{\"kind\": \"exporter\", \"type\": \"shop\","
    " \"summary\": \"Reads no shop.\", \"stability\": \"stable\", \"emits\": [\"metrics\"],"
    " \"standalone\": {\"name\": \"shop\", \"listen\": \"127.0.0.1:9\", \"endpoint\": \"endpoint\","
    "  \"probe\": {\"path\": \"/probe\", \"target\": \"endpoint\","
    "   \"parameters\": {\"module\": \"module\"}, \"credentials\": [\"password\"],"
    "   \"targets\": \"known\"}},"
    " \"example\": {\"endpoint\": \"shop:1\"},"
    " \"settings\": {\"type\": \"object\", \"additionalProperties\": false,"
    "  \"required\": [\"endpoint\"], \"properties\": {\"known\": {\"type\": \"array\","
    "   \"default\": [], \"items\": {\"type\": \"string\"}, \"description\": \"Shops.\"}, " SETTING("endpoint", "\"x-weir-secret\": true, ") ", "
    SETTING("module", "\"default\": \"none\", ") ", "
    SETTING("password", "\"default\": \"\", \"x-weir-secret\": true, ") "}}}]}");

struct weir_instance {
    const weir_host *host;
    char endpoint[128], module[64];
};

static void read_text(weir_slice json, const char *name, char *out, size_t size) {
    char key[64];
    size_t length = 0;
    strcat(strcat(strcpy(key, "\""), name), "\":\"");
    const uint8_t *at = memmem(json.data, json.length, key, strlen(key));
    if (at == NULL) return;
    for (at += strlen(key); at < json.data + json.length && *at != '"' && length + 1 < size; at++)
        if (*at != '\\') out[length++] = (char)*at;
}

static weir_status create(const weir_component *component, const weir_host *host,
                          weir_slice settings, weir_instance **out, weir_error *error) {
    weir_instance *self = calloc(1, sizeof *self);
    (void)component, (void)error;
    self->host = host;
    read_text(settings, "endpoint", self->endpoint, sizeof self->endpoint);
    read_text(settings, "module", self->module, sizeof self->module);
    *out = self;
    return WEIR_OK;
}

static weir_status nothing(weir_instance *self, weir_deadline deadline, weir_error *error) {
    (void)self, (void)deadline, (void)error;
    return WEIR_OK;
}

static void destroy(weir_instance *self) { free(self); }

static uint32_t metric(weir_metrics *metrics, uint32_t type, const char *name, const char *unit) {
    weir_metric_info info = {.size = sizeof info, .type = type, .name = weir_text(name),
                             .unit = weir_text(unit), .description = weir_text("Of the shop."),
                             .flags = WEIR_METRIC_PROMETHEUS};
    return metrics->metric(metrics, &info);
}

static weir_status collect(weir_instance *self, weir_metrics *metrics, weir_deadline deadline,
                           weir_error *error) {
    static const double bounds[] = {0.5, 2.5, 1000000}, ranks[] = {0.5, 0.99};
    static const uint64_t buckets[] = {1, 2, 0, 1};
    static const double values[] = {0.25, 7};
    uint32_t up = metric(metrics, WEIR_GAUGE, "shop_up", "");
    if (strcmp(self->endpoint, "hang") == 0) {
        while (self->host->monotonic_nano(self->host) < deadline + 2000000000)
            nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    }
    if (strcmp(self->endpoint, "fail") == 0) {
        metrics->integer(metrics, up, 0, NULL, 0);
        return weir_fail(error, WEIR_RETRY, weir_text("the shop is closed"));
    }
    metrics->integer(metrics, up, 1, NULL, 0);
    if (strcmp(self->endpoint, "twice") == 0) metrics->integer(metrics, up, 1, NULL, 0);
    weir_attribute labels[] = {{.key = weir_text("target"), .type = WEIR_VALUE_STRING},
                               {.key = weir_text("module"), .type = WEIR_VALUE_STRING}};
    labels[0].value.string = weir_text(self->endpoint);
    labels[1].value.string = weir_text(self->module);
    metrics->integer(metrics, metric(metrics, WEIR_GAUGE, "shop_info", ""), 1, labels, 2);

    weir_attribute item = {.key = weir_text("item"), .type = WEIR_VALUE_STRING};
    item.value.string = weir_text("a \"b\"\\c");
    /* Neither a suffix for the unit nor for a counter may come to these names. */
    metrics->number(metrics, metric(metrics, WEIR_COUNTER, "shop_sales", "s"), 12.5, &item, 1);
    metrics->number(metrics, metric(metrics, WEIR_UNKNOWN, "shop_mood", "1"), -3, NULL, 0);
    weir_histogram histogram = {sizeof histogram, 3, bounds, buckets, 4, 1000004.5};
    metrics->histogram(metrics, metric(metrics, WEIR_HISTOGRAM, "shop_basket", "By"), &histogram,
                       &item, 1);
    weir_summary summary = {sizeof summary, 2, ranks, values, 9, 21};
    metrics->summary(metrics, metric(metrics, WEIR_SUMMARY, "shop_wait", "s"), &summary, NULL, 0);
    return WEIR_OK;
}

static const weir_component exporter = {
    .size = sizeof(weir_component), .kind = WEIR_EXPORTER, .type = "shop",
    .create = create, .start = nothing, .stop = nothing, .destroy = destroy, .collect = collect};
static const weir_component *const components[] = {&exporter};
static const weir_plugin plugin = {.size = sizeof(weir_plugin), .epoch = WEIR_ABI_EPOCH,
                                   .minor = WEIR_ABI_MINOR, .component_count = 1,
                                   .id = "test.shop", .version = "1.0.0",
                                   .components = components};

const weir_plugin *weir_plugin_main(void) { return &plugin; }
