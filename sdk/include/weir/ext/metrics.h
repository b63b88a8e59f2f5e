/* ext/metrics.h: metrics without protobuf. An exporter gets one of these in collect(); the host
 * writes OTLP from it. Errors in what is given (a name that is empty, text that is not UTF-8, a
 * histogram whose bounds do not rise, a point of the same metric and attributes as another) drop the point, count it, and are logged as the plugin's. */
#ifndef WEIR_EXT_METRICS_H
#define WEIR_EXT_METRICS_H

#include "../component.h"

enum {
    WEIR_GAUGE = 1,
    WEIR_COUNTER = 2,         /* cumulative and monotonic */
    WEIR_UP_DOWN_COUNTER = 3, /* cumulative */
    WEIR_HISTOGRAM = 4,       /* cumulative, explicit bounds */
    WEIR_SUMMARY = 5,         /* quantiles that somebody else worked out */
    WEIR_UNKNOWN = 6          /* a number of which nobody says more; OTLP has it as a gauge */
};

enum {
    /* Name and attributes are Prometheus' own ("pg_up", "datname"): they reach Prometheus as they
     * stand, without the suffixes that OTLP's names get there. */
    WEIR_METRIC_PROMETHEUS = 1u << 0
};

typedef struct weir_metric_info {
    uint32_t size;
    uint32_t type;
    weir_slice name;
    weir_slice unit; /* UCUM: "s", "By", "1" */
    weir_slice description;
    uint32_t flags; /* an OR of WEIR_METRIC_... */
    uint32_t reserved;
} weir_metric_info;

typedef struct weir_histogram {
    uint32_t size;
    uint32_t bound_count;
    const double *bounds;    /* upper bounds, rising, without +Inf */
    const uint64_t *buckets; /* bound_count + 1 counts, each for its bucket alone */
    uint64_t count;
    double sum;
} weir_histogram;

typedef struct weir_summary {
    uint32_t size;
    uint32_t quantile_count;
    const double *quantiles; /* from 0 to 1, rising; may be none */
    const double *values;    /* one for each */
    uint64_t count;
    double sum;
} weir_summary;

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
    void (*summary)(weir_metrics *, uint32_t metric, const weir_summary *, const weir_attribute *,
                    size_t count);
};

#endif
