import Synchronization
import WeirSDK

/// Wakes one thread. Rung twice before it is heard, it has been rung once.
final class Bell: Sendable {
    private let isRung = Mutex(false)
    private let semaphore = Semaphore()

    func ring() {
        let isFirst = isRung.withLock { isRung in
            defer { isRung = true }
            return !isRung
        }
        if isFirst { semaphore.signal() }
    }

    /// Waits for it; `false`: the time is over.
    func wait(for limit: Duration?) -> Bool {
        if let limit {
            guard semaphore.wait(for: limit) else { return false }
        } else {
            semaphore.wait()
        }
        isRung.withLock { $0 = false }
        return true
    }
}

/// How long to stay away from servers that cannot be reached.
struct Pause {
    private var failures = 0

    /// 100 ms, then twice as long each time, up to 5 s.
    mutating func next() -> Duration {
        defer { failures += 1 }
        return min(.seconds(5), .milliseconds(100 << min(failures, 6)))
    }

    mutating func reset() { failures = 0 }
}

/// When a connection on which nothing happens is to be asked whether it is there, in waits of a
/// second: always at first, because servers measure how far a new client is, then every tenth time.
struct IdleTicks {
    static let length = Duration.seconds(1)
    private var count = 0

    mutating func isDue() -> Bool {
        count += 1
        return count < 10 || count % 10 == 0
    }
}
