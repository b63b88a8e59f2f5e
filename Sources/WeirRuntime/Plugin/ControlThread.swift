import Glibc
import Synchronization

/// Runs calls that a plugin may never return from on threads that the host can afford to lose.
enum ControlThread {
    /// What `body` returned, or nil if it had not returned within `limit`: its thread is then left
    /// behind, since a call cannot be taken back from native code.
    static func run<Value: Sendable>(
        limit: Duration, what: String, _ body: @escaping @Sendable () -> Value
    ) -> Value? {
        let call = Call(body)
        let attributes = UnsafeMutablePointer<pthread_attr_t>.allocate(capacity: 1)
        defer { unsafe attributes.deallocate() }
        unsafe pthread_attr_init(attributes)
        unsafe pthread_attr_setdetachstate(attributes, Int32(PTHREAD_CREATE_DETACHED))
        var thread = pthread_t()
        let context = unsafe Unmanaged.passRetained(call as AnyCall).toOpaque()
        let status = unsafe pthread_create(
            &thread, attributes,
            {
                unsafe Unmanaged<AnyCall>.fromOpaque($0!).takeRetainedValue().run(); return nil
            },
            context)
        unsafe pthread_attr_destroy(attributes)
        guard status == 0 else {
            unsafe Unmanaged<AnyCall>.fromOpaque(context).release()
            return body()
        }
        return call.wait(limit: limit)
    }

    private class AnyCall: @unchecked Sendable {  // subclasses guard their state
        func run() {}
    }

    @safe private final class Call<Value: Sendable>: AnyCall, @unchecked Sendable {
        // @unchecked: the value is under its mutex, the semaphore is any-thread
        private let body: @Sendable () -> Value
        private let value = Mutex<Value?>(nil)
        private let done: UnsafeMutablePointer<sem_t>

        init(_ body: @escaping @Sendable () -> Value) {
            self.body = body
            unsafe done = .allocate(capacity: 1)
            unsafe sem_init(done, 0, 0)
        }

        deinit {
            unsafe sem_destroy(done)
            unsafe done.deallocate()
        }

        override func run() {
            let result = body()
            value.withLock { $0 = result }
            unsafe sem_post(done)
        }

        func wait(limit: Duration) -> Value? {
            var until = timespec()
            unsafe clock_gettime(CLOCK_REALTIME, &until)
            let parts = limit.components
            until.tv_sec += Int(parts.seconds)
            until.tv_nsec += Int(parts.attoseconds / 1_000_000_000)
            if until.tv_nsec >= 1_000_000_000 {
                until.tv_sec += 1
                until.tv_nsec -= 1_000_000_000
            }
            while unsafe sem_timedwait(done, &until) != 0 {
                if errno == ETIMEDOUT { return nil }
            }
            return value.withLock { $0 }
        }
    }
}
