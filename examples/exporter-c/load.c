/* A whole exporter in C: how loaded this machine is, from /proc/loadavg.
 *
 * One file, no protobuf, no thread and no clock of its own: the host calls collect() every
 * `interval` and writes OTLP from what it is given. `path` can be set, for a container that has the
 * host's /proc elsewhere.
 */
#define _GNU_SOURCE /* memmem */
#include <weir/weir.h>
#include <weir/ext/metrics.h>

#include <stdio.h>
#include <stdlib.h>

WEIR_METADATA("{ \"id\": \"example.load\", \"version\": \"1.0.0\", \"license\": \"Apache-2.0\","
              "  \"summary\": \"The load of this machine.\","
              "  \"components\": [ { \"kind\": \"exporter\", \"type\": \"load\","
              "    \"summary\": \"Reads /proc/loadavg.\", \"stability\": \"stable\","
              "    \"emits\": [\"metrics\"],"
              "    \"settings\": { \"type\": \"object\", \"additionalProperties\": false,"
              "      \"properties\": { \"path\": { \"type\": \"string\","
              "        \"default\": \"/proc/loadavg\","
              "        \"description\": \"The file to read.\" } } } } ] }");

struct weir_instance {
    const weir_host *host;
    char path[256];
};

/* Settings come as JSON that the host has checked, defaults filled in: {"path":"/proc/loadavg", …}.
 * For one string this is enough; a plugin with many settings brings a JSON library. */
static void read_path(weir_slice json, char *path, size_t size) {
    static const char key[] = "\"path\":\"";
    const uint8_t *at = memmem(json.data, json.length, key, sizeof key - 1);
    size_t length = 0;
    if (at == NULL) return;
    at += sizeof key - 1;
    for (; at < json.data + json.length && *at != '"' && length + 1 < size; at++)
        if (*at != '\\') path[length++] = (char)*at; /* JSON may write / as \/ */
    path[length] = 0;
}

static weir_status create(const weir_component *component, const weir_host *host,
                          weir_slice settings, weir_instance **out, weir_error *error) {
    weir_instance *self = calloc(1, sizeof *self);
    (void)component;
    if (self == NULL) return weir_fail(error, WEIR_RETRY, weir_text("out of memory"));
    self->host = host;
    read_path(settings, self->path, sizeof self->path);
    *out = self;
    return WEIR_OK;
}

/* There is nothing to open and nothing to end. */
static weir_status nothing(weir_instance *self, weir_deadline deadline, weir_error *error) {
    (void)self, (void)deadline, (void)error;
    return WEIR_OK;
}

static void destroy(weir_instance *self) { free(self); }

static uint32_t gauge(weir_metrics *metrics, const char *name, const char *unit,
                      const char *description) {
    weir_metric_info info = {.size = sizeof info,
                             .type = WEIR_GAUGE,
                             .name = weir_text(name),
                             .unit = weir_text(unit),
                             .description = weir_text(description)};
    return metrics->metric(metrics, &info);
}

static weir_status collect(weir_instance *self, weir_metrics *metrics, weir_deadline deadline,
                           weir_error *error) {
    static const char *const windows[] = {"1m", "5m", "15m"};
    double load[3];
    long running, total;
    char message[400];
    FILE *file = fopen(self->path, "r");
    (void)deadline;
    if (file == NULL) {
        snprintf(message, sizeof message, "%s cannot be opened: %m. Set path", self->path);
        return weir_fail(error, WEIR_RETRY, weir_text(message));
    }
    int found = fscanf(file, "%lf %lf %lf %ld/%ld", &load[0], &load[1], &load[2], &running, &total);
    fclose(file);
    if (found != 5) {
        snprintf(message, sizeof message, "%s holds %d of 5 numbers. Set path", self->path, found);
        return weir_fail(error, WEIR_REFUSED, weir_text(message));
    }

    uint32_t average = gauge(metrics, "system.load_average", "{thread}",
                             "Threads that ran or wanted to, on average.");
    for (int i = 0; i < 3; i++) {
        weir_attribute window = {.key = weir_text("window"), .type = WEIR_VALUE_STRING};
        window.value.string = weir_text(windows[i]);
        metrics->number(metrics, average, load[i], &window, 1);
    }
    uint32_t threads = gauge(metrics, "system.threads", "{thread}", "Threads of all processes.");
    metrics->integer(metrics, threads, total, NULL, 0);
    return WEIR_OK;
}

static const weir_component exporter = {
    .size = sizeof(weir_component), .kind = WEIR_EXPORTER, .type = "load",
    .create = create, .start = nothing, .stop = nothing, .destroy = destroy, .collect = collect};
static const weir_component *const components[] = {&exporter};
static const weir_plugin plugin = {.size = sizeof(weir_plugin), .epoch = WEIR_ABI_EPOCH,
                                   .minor = WEIR_ABI_MINOR, .component_count = 1,
                                   .id = "example.load", .version = "1.0.0",
                                   .components = components};

const weir_plugin *weir_plugin_main(void) { return &plugin; }
