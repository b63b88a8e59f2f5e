import CWeirProcess
import Glibc

/// A counting semaphore of the system's, which begins at 0. [any thread]
@safe package final class ThreadSemaphore: @unchecked Sendable {  // Sendable: POSIX says so
    // At an address that does not change.
    private let raw: UnsafeMutablePointer<sem_t>

    package init() {
        unsafe raw = .allocate(capacity: 1)
        unsafe sem_init(raw, 0, 0)
    }

    deinit {
        unsafe sem_destroy(raw)
        unsafe raw.deallocate()
    }

    package func signal() { unsafe sem_post(raw) }

    package func wait() {
        while unsafe sem_wait(raw) != 0 {}
    }

    /// False if nobody had signalled by then. Whatever is done to the time of day.
    package func wait(nanoseconds limit: UInt64) -> Bool {
        unsafe weir_process_wait(raw, limit) == 0
    }
}
