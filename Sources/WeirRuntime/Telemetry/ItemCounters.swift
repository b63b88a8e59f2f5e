import Synchronization
package import WeirTelemetry

package typealias Signal = WeirTelemetry.Signal

/// Counts of items by signal, added to from any thread.
package final class ItemCounter: Sendable {
    private let traces = Atomic<Int>(0)
    private let metrics = Atomic<Int>(0)
    private let logs = Atomic<Int>(0)

    package init() {}

    package func add(_ items: Int, _ signal: Signal) {
        switch signal {
        case .traces: traces.add(items, ordering: .relaxed)
        case .metrics: metrics.add(items, ordering: .relaxed)
        case .logs: logs.add(items, ordering: .relaxed)
        }
    }

    package subscript(signal: Signal) -> Int {
        switch signal {
        case .traces: traces.load(ordering: .relaxed)
        case .metrics: metrics.load(ordering: .relaxed)
        case .logs: logs.load(ordering: .relaxed)
        }
    }
}

/// Counts of items by signal and reason. Reasons are few words; past a limit they count as "other",
/// so that no plugin can fill the memory with them.
package final class ReasonCounter: Sendable {
    package struct Key: Hashable, Sendable {
        package let signal: Signal
        package let reason: String
    }

    private static let maxReasons = 64
    private let counts = Mutex<[Key: Int]>([:])

    package init() {}

    package func add(_ items: Int, _ signal: Signal, reason: String) {
        counts.withLock { counts in
            var key = Key(signal: signal, reason: reason)
            if counts[key] == nil, counts.count >= Self.maxReasons {
                key = Key(signal: signal, reason: "other")
            }
            counts[key, default: 0] += items
        }
    }

    package var all: [Key: Int] { counts.withLock { $0 } }

    package func total(_ signal: Signal) -> Int {
        all.reduce(0) { $0 + ($1.key.signal == signal ? $1.value : 0) }
    }
}

/// Counts of events by a word.
package final class WordCounter: Sendable {
    private let counts = Mutex<[String: Int]>([:])

    package init() {}

    package func add(_ word: String) { counts.withLock { $0[word, default: 0] += 1 } }

    package var all: [String: Int] { counts.withLock { $0 } }
}

/// What one component has done with items; a component that a reload restarts counts on. Which of them mean something depends on its kind.
package final class ComponentCounters: Sendable {
    /// Receivers: taken by what follows. Processors, connectors and sinks: taken by the component.
    package let accepted = ItemCounter()
    /// Not taken, and the sender told so.
    package let refused = ReasonCounter()
    /// Processors and connectors: emitted and taken by what follows.
    package let emitted = ItemCounter()
    /// Sinks: delivered.
    package let sent = ItemCounter()
    /// Sinks: in attempts that failed, whether or not tried again.
    package let failed = ReasonCounter()
    /// Given up, with the reason.
    package let dropped = ReasonCounter()
    /// Sinks: of what was dropped, what lies in the dead-letter file.
    package let kept = ItemCounter()
    /// Exporters: collections that failed.
    package let errors = WordCounter()
    /// Receivers: requests that were refused before the component saw them.
    package let refusedRequests = WordCounter()
    /// Receivers: connections that were closed at once.
    package let refusedConnections = WordCounter()

    package init() {}
}
