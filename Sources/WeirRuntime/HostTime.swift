package import NIOCore
import Glibc

/// Time as everything in the host takes it, so that tests can move it by hand.
package protocol HostTime: AnyObject, Sendable {
    /// Nanoseconds since 1970.
    var unixNano: UInt64 { get }
    /// Nanoseconds on a clock that only goes forward.
    var monotonicNano: UInt64 { get }
    /// Calls `body` once, later, on a thread that must not be blocked.
    func schedule(afterNano: UInt64, _ body: @escaping @Sendable () -> Void) -> any ScheduledCall
}

package protocol ScheduledCall: Sendable {
    func cancel()
}

/// The system's clocks, and timers on the event loops: on the caller's own if it is on one.
package final class SystemTime: HostTime {
    private let group: any EventLoopGroup

    package init(group: any EventLoopGroup) { self.group = group }

    package var unixNano: UInt64 { read(CLOCK_REALTIME) }
    package var monotonicNano: UInt64 { read(CLOCK_MONOTONIC) }

    package func schedule(
        afterNano: UInt64, _ body: @escaping @Sendable () -> Void
    ) -> any ScheduledCall {
        // Beyond 146 years the sum with the clock would overflow.
        let delay = TimeAmount.nanoseconds(Int64(min(afterNano, 1 << 62)))
        return Call(task: group.any().scheduleTask(in: delay, body))
    }

    private struct Call: ScheduledCall {
        let task: Scheduled<Void>
        func cancel() { task.cancel() }
    }

    private func read(_ clock: clockid_t) -> UInt64 {
        var now = timespec()
        unsafe clock_gettime(clock, &now)
        return UInt64(now.tv_sec) * 1_000_000_000 + UInt64(now.tv_nsec)
    }
}
