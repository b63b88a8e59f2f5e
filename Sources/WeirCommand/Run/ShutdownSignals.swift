import Glibc

/// SIGTERM, SIGINT and SIGHUP as something to wait for, rather than something that interrupts.
struct ShutdownSignals {
    private let set: sigset_t

    init() {
        var set = sigset_t()
        unsafe sigemptyset(&set)
        for signal in [SIGTERM, SIGINT, SIGHUP] { unsafe sigaddset(&set, signal) }
        unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
        // A peer that goes away is an error of write(), not the end of the process.
        _ = signal(SIGPIPE, SIG_IGN)
        // Neither is a file that has reached its limit (ulimit -f).
        _ = signal(SIGXFSZ, SIG_IGN)
        self.set = set
    }

    /// Waits for one, and names it.
    func wait() -> String {
        var set = self.set
        var number: Int32 = 0
        while unsafe sigwait(&set, &number) != 0 {}
        switch number {
        case SIGTERM: return "SIGTERM"
        case SIGINT: return "SIGINT"
        default: return "SIGHUP"
        }
    }

    /// From now on a signal does what it does by default: it ends the process.
    func nextEndsProcess() {
        var set = self.set
        unsafe pthread_sigmask(SIG_UNBLOCK, &set, nil)
    }
}
