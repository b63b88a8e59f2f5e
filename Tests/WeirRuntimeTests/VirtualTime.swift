import Synchronization
import Testing

@testable import WeirRuntime

/// Time that moves when a test says so, and calls what is due on the test's own thread.
final class VirtualTime: HostTime {
    private struct State {
        var now: UInt64 = 1_000_000_000
        var next = 0
        var calls: [Int: (due: UInt64, body: @Sendable () -> Void)] = [:]
    }
    private let state = Mutex(State())
    private let cancels: Bool
    private let lateness: UInt64

    /// - Parameters:
    ///   - cancels: false for calls that are always just about to begin when they are cancelled, so
    ///     that it is too late.
    ///   - lateness: By how many seconds every call comes too late.
    init(cancels: Bool = true, lateness: Double = 0) {
        self.cancels = cancels
        self.lateness = UInt64(lateness * 1e9)
    }

    var unixNano: UInt64 { monotonicNano + 1_700_000_000_000_000_000 }
    var monotonicNano: UInt64 { state.withLock { $0.now } }
    /// How many calls are waiting.
    var pending: Int { state.withLock { $0.calls.count } }

    func schedule(
        afterNano: UInt64, _ body: @escaping @Sendable () -> Void
    ) -> any ScheduledCall {
        let id = state.withLock { state in
            state.next += 1
            state.calls[state.next] = (state.now + afterNano + lateness, body)
            return state.next
        }
        guard cancels else { return Call {} }
        return Call { self.state.withLock { _ = $0.calls.removeValue(forKey: id) } }
    }

    private struct Call: ScheduledCall {
        let remove: @Sendable () -> Void
        func cancel() { remove() }
    }

    /// Moves on, calling in order what falls due on the way.
    func advance(seconds: Double) {
        let end = monotonicNano + UInt64(seconds * 1e9)
        var (moment, calls) = (UInt64(0), 0)
        while true {
            let due = state.withLock { state -> (@Sendable () -> Void)? in
                let first = state.calls.filter { $0.value.due <= end }
                    .min { ($0.value.due, $0.key) < ($1.value.due, $1.key) }
                guard let first else {
                    state.now = end
                    return nil
                }
                state.now = max(state.now, first.value.due)
                return state.calls.removeValue(forKey: first.key)?.body
            }
            guard let due else { return }
            due()
            // What calls itself again at once would go on for ever.
            calls = monotonicNano == moment ? calls + 1 : 0
            moment = monotonicNano
            guard calls < 100_000 else {
                Issue.record("the calls at one moment do not end")
                return
            }
        }
    }
}
