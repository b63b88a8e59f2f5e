import Glibc

/// A counting semaphore of the system's, which begins at 0. [any thread]
@safe final class ThreadSemaphore: @unchecked Sendable {  // Sendable: POSIX says so
    // At an address that does not change.
    private let raw: UnsafeMutablePointer<sem_t>

    init() {
        unsafe raw = .allocate(capacity: 1)
        unsafe sem_init(raw, 0, 0)
    }

    deinit {
        unsafe sem_destroy(raw)
        unsafe raw.deallocate()
    }

    func signal() { unsafe sem_post(raw) }

    func wait() {
        while unsafe sem_wait(raw) != 0 {}
    }

    /// False if nobody had signalled by then.
    func wait(for limit: Duration) -> Bool {
        var until = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &until)
        let parts = limit.components
        until.tv_sec += Int(parts.seconds)
        until.tv_nsec += Int(parts.attoseconds / 1_000_000_000)
        if until.tv_nsec >= 1_000_000_000 {
            until.tv_sec += 1
            until.tv_nsec -= 1_000_000_000
        }
        while unsafe sem_timedwait(raw, &until) != 0 {
            if errno == ETIMEDOUT { return false }
        }
        return true
    }
}
