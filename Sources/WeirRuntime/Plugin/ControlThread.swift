import Synchronization
import WeirSystem

/// Runs calls that a plugin may never return from on threads that the host can afford to lose.
enum ControlThread {
    /// What `body` returned, or nil if it had not returned within `limit`: its thread is then left
    /// behind, since a call cannot be taken back from native code.
    static func run<Value: Sendable>(
        limit: Duration, _ body: @escaping @Sendable () -> Value
    ) -> Value? {
        let call = Call<Value>()
        guard DetachedThread.start({ call.settle(body()) }) else { return body() }
        return call.wait(limit: limit)
    }

    private final class Call<Value: Sendable>: Sendable {
        private let value = Mutex<Value?>(nil)
        private let done = ThreadSemaphore()

        func settle(_ result: Value) {
            value.withLock { $0 = result }
            done.signal()
        }

        func wait(limit: Duration) -> Value? {
            done.wait(nanoseconds: UInt64(limit)) ? value.withLock { $0 } : nil
        }
    }
}
