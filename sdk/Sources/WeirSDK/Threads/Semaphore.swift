import CWeirProcess
import Glibc
import Synchronization

/// A counting semaphore, which begins at 0. [any thread]
@safe public final class Semaphore: @unchecked Sendable {  // Sendable: POSIX says so
    // At an address that does not change.
    private let raw: UnsafeMutablePointer<sem_t>

    public init() {
        unsafe raw = .allocate(capacity: 1)
        unsafe raw.initialize(to: sem_t())
        unsafe sem_init(raw, 0, 0)
    }

    deinit {
        unsafe sem_destroy(raw)
        unsafe raw.deallocate()
    }

    /// Counts up, which lets one waiting thread go on.
    public func signal() { unsafe sem_post(raw) }

    /// Waits until the count is above 0, and counts down.
    public func wait() {
        while unsafe sem_wait(raw) != 0 {}
    }

    /// The same for at most this long, whatever happens to the clock on the wall.
    ///
    /// - Returns: `false` if the time is over, and nothing was counted.
    public func wait(for limit: Duration) -> Bool {
        unsafe weir_process_wait(raw, limit.clampedNanoseconds) == 0
    }
}

/// A value that one thread makes and another waits for, for a while.
final class LateValue<Value: Sendable>: Sendable {
    private let made = Mutex<Value?>(nil)
    private let semaphore = Semaphore()

    func set(_ value: Value) {
        made.withLock { $0 = value }
        semaphore.signal()
    }

    func value(within limit: Duration) -> Value? {
        _ = semaphore.wait(for: limit)
        return made.withLock { $0 }
    }
}
