/* ext/metrics.h: metrics without protobuf. An exporter gets one of these in collect(); the host
 * writes OTLP from it. Errors in what is given (a name that is empty, text that is not UTF-8, a
 * histogram whose bounds do not rise) drop the point, count it, and are logged as the plugin's. */
#ifndef WEIR_EXT_METRICS_H
#define WEIR_EXT_METRICS_H

#include "../component.h"

enum {
    WEIR_GAUGE = 1,
    WEIR_COUNTER = 2,         /* cumulative and monotonic */
    WEIR_UP_DOWN_COUNTER = 3, /* cumulative */
    WEIR_HISTOGRAM = 4        /* cumulative, explicit bounds */
};

typedef struct weir_metric_info {
    uint32_t size;
    uint32_t type;
    weir_slice name;
    weir_slice unit; /* UCUM: "s", "By", "1" */
    weir_slice description;
} weir_metric_info;

typedef struct weir_histogram {
    uint32_t size;
    uint32_t bound_count;
    const double *bounds;    /* upper bounds, rising, without +Inf */
    const uint64_t *buckets; /* bound_count + 1 counts, each for its bucket alone */
    uint64_t count;
    double sum;
} weir_histogram;

struct weir_metrics {
    uint32_t size;
    uint32_t reserved;
    void *context;
    /* Attributes of the resource that all points are about. [instance] */
    void (*resource)(weir_metrics *, const weir_attribute *, size_t count);
    /* Declares a metric; the number it returns names it until collect() returns. Declaring the
     * same name again returns the same number. [instance] */
    uint32_t (*metric)(weir_metrics *, const weir_metric_info *);
    /* One point. `start_unix_nano` 0: unknown. [instance] */
    void (*integer)(weir_metrics *, uint32_t metric, int64_t, const weir_attribute *, size_t count);
    void (*number)(weir_metrics *, uint32_t metric, double, const weir_attribute *, size_t count);
    void (*histogram)(weir_metrics *, uint32_t metric, const weir_histogram *,
                      const weir_attribute *, size_t count);
    /* When the counters began, for those that are given after it; 0: unknown. [instance] */
    void (*started)(weir_metrics *, uint64_t start_unix_nano);
};

#endif
