#define _GNU_SOURCE
#include "weir_process.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

enum { CHANNEL = 3 };

/* What a library prints is for nobody: it could be a secret. */
static int prepare_files(posix_spawn_file_actions_t *actions, int socket) {
    /* First the socket: it may have one of the low numbers. */
    int failed = posix_spawn_file_actions_adddup2(actions, socket, CHANNEL);
    for (int number = 0; number < CHANNEL && !failed; number++)
        failed = posix_spawn_file_actions_addopen(actions, number, "/dev/null",
                                                  number == 0 ? O_RDONLY : O_WRONLY, 0);
    return failed ? failed : posix_spawn_file_actions_addclosefrom_np(actions, CHANNEL + 1);
}

static int prepare_signals(posix_spawnattr_t *attributes) {
    sigset_t signals;
    sigfillset(&signals);
    posix_spawnattr_setsigdefault(attributes, &signals);
    sigemptyset(&signals);
    posix_spawnattr_setsigmask(attributes, &signals);
    /* Ctrl-C goes to a whole process group; the host ends its workers itself, when it has drained. */
    return posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK |
                                                    POSIX_SPAWN_SETPGROUP);
}

int weir_process_start(const char *path, char *const environment[], int socket, pid_t *pid) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    char *const arguments[] = {(char *)path, NULL};
    int failed = posix_spawn_file_actions_init(&actions);
    if (failed) return failed;
    failed = posix_spawnattr_init(&attributes);
    if (!failed) {
        failed = prepare_files(&actions, socket);
        if (!failed) failed = prepare_signals(&attributes);
        if (!failed) failed = posix_spawn(pid, path, &actions, &attributes, arguments, environment);
        posix_spawnattr_destroy(&attributes);
    }
    posix_spawn_file_actions_destroy(&actions);
    return failed;
}

void weir_process_kill(pid_t pid) { kill(-pid, SIGKILL); }

int weir_process_ended(pid_t pid, int *status) {
    int raw;
    siginfo_t info;
    memset(&info, 0, sizeof info);
    /* What it started goes with it. While it is not reaped, its number is nobody else's. */
    if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == pid)
        weir_process_kill(pid);
    pid_t found = waitpid(pid, &raw, WNOHANG);
    if (found == 0 || (found < 0 && errno == EINTR)) return 0;
    if (found < 0) return 3;
    if (WIFSIGNALED(raw)) {
        *status = WTERMSIG(raw);
        return 2;
    }
    *status = WEXITSTATUS(raw);
    return 1;
}

const char *weir_process_signal_name(int number) { return sigabbrev_np(number); }

const char *weir_process_library(const void *address) {
    Dl_info info;
    return dladdr(address, &info) ? info.dli_fname : NULL;
}

uint64_t weir_process_monotonic_nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}
