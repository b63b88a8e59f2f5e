import Glibc
import Synchronization

/// Runs what may block for longer than anyone wants to wait for (`getaddrinfo`, `PQcancel`) on a
/// thread of its own, and gives its result; `nil` if it took longer. The thread then ends by
/// itself some time, and what it holds with it.
func onPatientThread<Result: Sendable>(
    milliseconds: Int, _ work: @escaping @Sendable () -> Result
) -> Result? {
    let result = Late<Result>()
    let task = unsafe Unmanaged.passRetained(Task { result.set(work()) })
    var thread = pthread_t()
    let status = unsafe pthread_create(
        &thread, nil,
        { context in
            unsafe Unmanaged<Task>.fromOpaque(context!).takeRetainedValue().run()
            return nil
        }, task.toOpaque())
    guard status == 0 else {
        unsafe task.release()
        return nil
    }
    pthread_detach(thread)
    return result.value(within: milliseconds)
}

private final class Task: Sendable {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}

/// A value that one thread makes and another waits for, for a while.
@safe private final class Late<Value: Sendable>: @unchecked Sendable {
    // Sendable: the value is behind a lock, the semaphore is made for threads.
    private let made = Mutex<Value?>(nil)
    private let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

    init() { unsafe sem_init(semaphore, 0, 0) }

    deinit {
        unsafe sem_destroy(semaphore)
        unsafe semaphore.deallocate()
    }

    func set(_ value: Value) {
        made.withLock { $0 = value }
        unsafe sem_post(semaphore)
    }

    func value(within milliseconds: Int) -> Value? {
        var end = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &end)
        end.tv_sec += milliseconds / 1000
        end.tv_nsec += milliseconds % 1000 * 1_000_000
        if end.tv_nsec >= 1_000_000_000 {
            end.tv_sec += 1
            end.tv_nsec -= 1_000_000_000
        }
        while unsafe sem_timedwait(semaphore, &end) != 0, errno == EINTR {}
        return made.withLock { $0 }
    }
}
