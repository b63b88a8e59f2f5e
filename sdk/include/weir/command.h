/* command.h: what a plugin adds to the `weir` command line.
 *
 * `weir NAME ARGUMENT...` looks in the metadata of all plugins for a command of that name, loads the
 * plugin that has it, calls its init(), and then this. No component is made and nothing else runs.
 */
#ifndef WEIR_COMMAND_H
#define WEIR_COMMAND_H

#include "host.h"

enum { WEIR_STDOUT = 1, WEIR_STDERR = 2 };

/* What a command works with. Valid until run() returns. [any-thread] */
typedef struct weir_command_io {
    uint32_t size;
    uint32_t reserved;
    void *context; /* the host's own */
    /* Logs to standard error, tells the time, and finds weir.hash/1, weir.regex/1 and
     * weir.document/1. There are no batches and no buffers, and nothing to emit to. */
    const weir_host *host;
    /* Writes all of it to WEIR_STDOUT or WEIR_STDERR. False: nobody reads it any more. */
    bool (*write)(const struct weir_command_io *, uint32_t stream, weir_slice);
    /* Reads what there is of standard input, waits if there is nothing yet. 0: the end. */
    size_t (*read)(const struct weir_command_io *, uint8_t *bytes, size_t capacity);
} weir_command_io;

typedef struct weir_command {
    uint32_t size;
    uint32_t reserved;
    const char *name; /* "relabel": as in the metadata */
    void *context;    /* the plugin's own */
    /* Runs, and returns the exit status: 0 all is well, 1 it failed, 64 the arguments are wrong.
     * `arguments` are those after the name. [control], without a deadline */
    int32_t (*run)(const struct weir_command *, const weir_slice *arguments, size_t argument_count,
                   const weir_command_io *);
} weir_command;

#endif
