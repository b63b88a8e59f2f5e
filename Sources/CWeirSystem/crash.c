#define _GNU_SOURCE
#include "weir_crash.h"
#include <signal.h>
#include <string.h>
#include <unistd.h>

_Thread_local const char *weir_crash_breadcrumb = 0;
_Thread_local uint64_t weir_call_deadline = 0;
_Thread_local bool weir_call_repeated = false;
_Thread_local uintptr_t weir_call_batch = 0;
_Thread_local void *weir_call_refusals = 0;
_Thread_local uint64_t weir_call_split_count = 0;
_Thread_local uintptr_t weir_call_split_batch = 0;

/* Only what is safe inside a signal handler: write(2) of what already exists. */
static void say(const char *text) {
    ssize_t ignored = write(STDERR_FILENO, text, strlen(text));
    (void)ignored;
}

static const char *name_of(int signal) {
    switch (signal) {
    case SIGSEGV: return "SIGSEGV (bad memory access)";
    case SIGBUS: return "SIGBUS (bad memory access)";
    case SIGILL: return "SIGILL (a Swift trap: fatalError, failed precondition, overflow)";
    case SIGTRAP: return "SIGTRAP (a Swift trap: fatalError, failed precondition, overflow)";
    case SIGFPE: return "SIGFPE (arithmetic)";
    default: return "SIGABRT (abort)";
    }
}

static void crashed(int signal) {
    const char *crumb = weir_crash_breadcrumb;
    say("weir: crashed with ");
    say(name_of(signal));
    say(crumb ? " inside " : " in the host itself, outside any plugin");
    if (crumb) {
        say(crumb);
        say(". Native plugins share the host's process: remove or replace this one, or report it "
            "to its author");
    }
    say(".\n");
    /* SA_RESETHAND has put the default action back: return and crash as usual. */
    raise(signal);
}

void weir_crash_install(void) {
    static const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE, SIGABRT};
    static char stack[64 * 1024];
    stack_t alternative = {.ss_sp = stack, .ss_size = sizeof stack};
    sigaltstack(&alternative, 0);
    for (unsigned i = 0; i < sizeof signals / sizeof *signals; i++) {
        struct sigaction action;
        memset(&action, 0, sizeof action);
        action.sa_handler = crashed;
        action.sa_flags = SA_RESETHAND | SA_ONSTACK | SA_NODEFER;
        sigaction(signals[i], &action, 0);
    }
}

const char *const *weir_crash_place(void) { return &weir_crash_breadcrumb; }

const char *weir_crash_read(const char *const *place) {
    return __atomic_load_n(place, __ATOMIC_RELAXED);
}
