/* What every bad plugin here has in common: a sink called "bad" that is right in all but one point. */
#ifndef BAD_H
#define BAD_H

#include <weir/weir.h>

#include <stdlib.h>

#define BAD_METADATA(id, type)                                                                     \
    "{\"id\": \"" id "\", \"version\": \"1.0.0\", \"license\": \"Apache-2.0\","                    \
    " \"summary\": \"Wrong in one point.\", \"components\": [{\"kind\": \"sink\", \"type\": \""    \
    type "\", \"summary\": \"Bad.\", \"consumes\": [\"traces\", \"metrics\", \"logs\"]}]}"

static inline weir_status bad_create(const weir_component *component, const weir_host *host,
                                     weir_slice settings, weir_instance **out, weir_error *error) {
    (void)component, (void)host, (void)settings, (void)error;
    *out = malloc(1);
    return WEIR_OK;
}

static inline weir_status bad_step(weir_instance *self, weir_deadline deadline, weir_error *error) {
    (void)self, (void)deadline, (void)error;
    return WEIR_OK;
}

static inline void bad_destroy(weir_instance *self) { free(self); }

static inline weir_status bad_deliver(weir_instance *self, const weir_batch *batch,
                                      const weir_delivery *delivery, weir_error *error) {
    (void)self, (void)batch, (void)delivery, (void)error;
    return WEIR_OK;
}

#define BAD_SINK(...)                                                                              \
    {.size = sizeof(weir_component), .kind = WEIR_SINK, .type = "bad", .create = bad_create,       \
     .start = bad_step, .stop = bad_step, .destroy = bad_destroy, .deliver = bad_deliver,          \
     __VA_ARGS__}

#define BAD_PLUGIN(name, ...)                                                                      \
    {.size = sizeof(weir_plugin), .epoch = WEIR_ABI_EPOCH, .minor = WEIR_ABI_MINOR,                \
     .component_count = 1, .id = name, .version = "1.0.0", .components = components, __VA_ARGS__}

#endif
