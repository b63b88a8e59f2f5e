import Glibc
import WeirRuntime
import WeirSystem

/// SIGTERM, SIGINT and SIGHUP as something to wait for, rather than something that interrupts.
struct ShutdownSignals {
    private let set: sigset_t
    /// Without SIGHUP.
    private let last: sigset_t

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
        unsafe sigdelset(&set, SIGHUP)
        last = set
    }

    /// Waits for SIGTERM or SIGINT, and names it.
    ///
    /// - Parameter onHangup: Called for each SIGHUP; `nil`: that is one to wait for, too.
    func wait(onHangup: (() -> Void)? = nil) -> String {
        while true {
            let signal = next(set)
            guard let onHangup, signal == "SIGHUP" else { return signal }
            onHangup()
        }
    }

    private func next(_ set: sigset_t) -> String {
        var set = set
        var number: Int32 = 0
        while unsafe sigwait(&set, &number) != 0 {}
        switch number {
        case SIGTERM: return "SIGTERM"
        case SIGINT: return "SIGINT"
        default: return "SIGHUP"
        }
    }

    /// Calls `body` at the next SIGTERM or SIGINT, on a thread of its own.
    ///
    /// What comes within a second of the first belongs to it: shells and supervisors often signal a
    /// process and its group.
    func onNext(_ body: @escaping @Sendable (String) -> Void) {
        DetachedThread.start {
            sleep(1)
            var set = self.last
            var none = timespec()
            while unsafe sigtimedwait(&set, nil, &none) > 0 {}
            body(self.next(self.last))
        }
    }
}
