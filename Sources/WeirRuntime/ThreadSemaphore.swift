import CWeirSystem
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

    /// False if nobody had signalled by then. Whatever is done to the time of day.
    func wait(for limit: Duration) -> Bool {
        unsafe weir_semaphore_wait(raw, UInt64(limit)) == 0
    }
}
