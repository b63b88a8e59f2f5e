import Synchronization

/// How reloads of the configuration went.
package final class ReloadRecord: Sendable {
    package enum Result: String, Sendable, CaseIterable {
        /// Another configuration is in force.
        case applied
        /// Nothing had changed.
        case unchanged
        /// The configuration is wrong, or something of it could not start; nothing changed.
        case refused
    }

    package struct Values: Sendable, Equatable {
        package var wasSuccessful = true
        /// When what is in force was read, since 1970.
        package var lastSuccessUnixNano: UInt64 = 0
        package var counts: [Result: Int] = [:]
    }

    private let values = Mutex(Values())

    package init() {}

    package var current: Values { values.withLock { $0 } }

    /// The configuration that the process started with is in force.
    package func began(atUnixNano now: UInt64) {
        values.withLock { $0.lastSuccessUnixNano = now }
    }

    package func add(_ result: Result, atUnixNano now: UInt64) {
        values.withLock { values in
            values.counts[result, default: 0] += 1
            values.wasSuccessful = result != .refused
            if values.wasSuccessful { values.lastSuccessUnixNano = now }
        }
    }
}
