import Synchronization
import Glibc

/// Waits for queues to empty. The only place where the host polls: every 2 ms, while
/// nothing else is left to do.
enum QueueDrain {
    static func wait(_ sinks: [SinkNode], untilNano deadline: UInt64, time: any HostTime) {
        while !sinks.allSatisfy(\.isEmpty), time.monotonicNano < deadline {
            pause()
        }
    }

    static func pause() { usleep(2_000) }
}
