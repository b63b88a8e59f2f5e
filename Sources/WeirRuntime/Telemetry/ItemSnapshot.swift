import Synchronization
import WeirTelemetry

/// What a component has done with items, as of one moment: accepted = passed on + dropped + held,
/// for each signal, always.
package struct ItemSnapshot: Sendable, Equatable {
    package var accepted: [Signal: Int] = [:]
    /// Emitted by a processor, sent by a sink.
    package var passed: [Signal: Int] = [:]
    package var dropped: [ReasonCounter.Key: Int] = [:]
    /// Held by a processor; waiting or under way in a sink.
    package var held: [Signal: Int] = [:]

    package func dropped(_ signal: Signal) -> Int {
        dropped.reduce(0) { $0 + ($1.key.signal == signal ? $1.value : 0) }
    }
}

extension ComponentCounters {
    /// Of a processor, whose items are in no queue that could be looked at: what came in and has not
    /// left is held. What it emits within a call has left before the call is counted as accepted, so
    /// what has left counts as that at least.
    package func processorSnapshot() -> ItemSnapshot {
        var snapshot = ItemSnapshot()
        snapshot.dropped = dropped.all
        for signal in Signal.allCases {
            let passed = emitted[signal]
            let gone = passed + snapshot.dropped(signal)
            let accepted = max(self.accepted[signal], gone)
            snapshot.accepted[signal] = accepted
            snapshot.passed[signal] = passed
            snapshot.held[signal] = accepted - gone
        }
        return snapshot
    }
}

extension SinkNode {
    /// All under the lock under which batches come, move and go.
    package func snapshot() -> ItemSnapshot {
        state.withLock { state in
            var snapshot = ItemSnapshot()
            snapshot.dropped = counters.dropped.all
            for signal in Signal.allCases {
                snapshot.accepted[signal] = counters.accepted[signal]
                snapshot.passed[signal] = counters.sent[signal]
                snapshot.held[signal] = state.load[Int(signal.rawValue) - 1].items
            }
            return snapshot
        }
    }
}
