/* plugin.h: the one exported function, and what is read before any code runs.
 *
 * Metadata lies in the ELF section ".weir.plugin": a fixed header and a JSON text. From it alone
 * the host lists plugins, checks configurations and prints help. The JSON (see docs/plugin-json.md):
 *
 *   { "id": "weir.example", "version": "1.0.0", "license": "Apache-2.0", "summary": "...",
 *     "components": [ { "kind": "processor", "type": "batch", "summary": "...",
 *       "stability": "stable", "consumes": ["traces"], "emits": ["traces"], "settings": {SCHEMA} } ] }
 *
 * In C, with a string:                     In any language, with a file (C23, clang 19, gcc 15):
 *
 *   WEIR_METADATA("{ \"id\": ... }");          WEIR_METADATA_BEGIN
 *                                              #embed "plugin.json"
 *                                              WEIR_METADATA_END
 *
 * Link with sdk/weir-plugin.map, so that weir_plugin_main is all that the library exports. A library
 * is loaded once and never unloaded; its tables live as long as the process.
 */
#ifndef WEIR_PLUGIN_H
#define WEIR_PLUGIN_H

#include "command.h"
#include "component.h"

#define WEIR_METADATA_MAGIC "WEIRPLUG"
typedef struct weir_metadata {
    char magic[8];
    uint32_t size; /* of this header; the JSON follows and ends with the section or a zero byte */
    uint32_t epoch;
    uint32_t minor;
    uint32_t reserved;
    char json[];
} weir_metadata;

#define WEIR_METADATA_HEADER                                                                       \
    {'W', 'E', 'I', 'R', 'P', 'L', 'U', 'G'}, sizeof(weir_metadata), WEIR_ABI_EPOCH,               \
        WEIR_ABI_MINOR, 0
/* `retain`: nothing refers to it, and linkers collect what nothing refers to. */
#if defined(__has_attribute) && __has_attribute(retain)
#define WEIR_METADATA_RETAIN __attribute__((retain))
#else
#define WEIR_METADATA_RETAIN
#endif
#define WEIR_METADATA_ATTRIBUTES                                                                   \
    __attribute__((section(".weir.plugin"), used, aligned(8)))                                     \
    WEIR_METADATA_RETAIN static const weir_metadata
#define WEIR_METADATA(text)                                                                        \
    WEIR_METADATA_ATTRIBUTES weir_plugin_metadata = {WEIR_METADATA_HEADER, text}
#ifdef __clang__ /* #embed is fine here whatever the language mode */
#define WEIR_METADATA_QUIET _Pragma("clang diagnostic ignored \"-Wc23-extensions\"")
#else
#define WEIR_METADATA_QUIET
#endif
#define WEIR_METADATA_BEGIN                                                                        \
    WEIR_METADATA_QUIET WEIR_METADATA_ATTRIBUTES weir_plugin_metadata = {WEIR_METADATA_HEADER, {
#define WEIR_METADATA_END , 0}};

typedef struct weir_plugin {
    uint32_t size;
    uint32_t epoch;
    uint32_t minor;
    uint32_t component_count;
    const char *id;
    const char *version;
    const weir_component *const *components;
    /* Once, before anything else; NULL if there is nothing to prepare. Not OK: the host takes
     * nothing of this plugin. [control] */
    weir_status (*init)(const weir_host *, weir_error *);
    /* Commands, as in the metadata; NULL for none. */
    const weir_command *const *commands;
    uint32_t command_count;
    uint32_t reserved;
} weir_plugin;

#define WEIR_EXPORT __attribute__((visibility("default")))

/* Returns the same table at every call. [any-thread] */
WEIR_EXPORT const weir_plugin *weir_plugin_main(void);

/* The whole entry file of a plugin whose code lies elsewhere: forwards to `function`. */
#define WEIR_ENTRY(function)                                                                       \
    extern const weir_plugin *function(void);                                                      \
    const weir_plugin *weir_plugin_main(void) { return function(); }

#endif
