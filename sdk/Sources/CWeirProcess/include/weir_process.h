/* What a plugin needs of the C library to run a worker process, and what Swift does not see of it:
 * these are GNU's own functions. */
#ifndef WEIR_PROCESS_H
#define WEIR_PROCESS_H

#include <stdint.h>
#include <sys/types.h>

/* Starts the program with `socket` as its descriptor 3, /dev/null as 0 to 2, no other descriptor,
 * all signals at their defaults, in a process group of its own. `environment` ends with NULL.
 * Returns 0, or an errno. */
int weir_process_start(const char *path, char *const environment[], int socket, pid_t *pid);

/* Kills a child that was started here and has not been reaped, with all that it started itself. */
void weir_process_kill(pid_t pid);

/* How the child ended: 0 while it has not; 1: `status` is its exit status; 2: `status` is the signal
 * that ended it; 3: somebody else has reaped it. */
int weir_process_ended(pid_t pid, int *status);

/* "SEGV"; NULL for a number that is no signal. */
const char *weir_process_signal_name(int number);

/* The file that the code at this address was loaded from; NULL if that is not known. */
const char *weir_process_library(const void *address);

/* Nanoseconds on the machine's monotonic clock. Here, because Swift takes timespec for another module's
 * once this module is imported in an optimised build. */
uint64_t weir_process_monotonic_nanoseconds(void);

#endif
