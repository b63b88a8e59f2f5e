import CWeir
import Logging
import Synchronization

// The end.

extension SinkNode {
    func tryAgain(_ id: ObjectIdentifier) {
        guard let entry = state.withLock({ $0.backingOff.removeValue(forKey: id) }) else { return }
        var work = entry.ticket.work
        work.attempt += 1
        begin(work)
    }

    /// Makes the next attempt of what is backing off at once, and those after it within the time
    /// that is left.
    func hurry(untilNano deadline: UInt64) {
        let entries = state.withLock { state in
            state.hurryUntil = deadline
            return state.backingOff
        }
        for (id, entry) in entries {
            entry.call.cancel()
            tryAgain(id)
        }
    }

    /// Takes nothing more, and drops what waits for its turn or its next attempt, with the reason
    /// "shutdown". What is under way ends with the plugin's stop().
    func close() {
        let abandoned = state.withLock { state -> [HostBatch] in
            state.isClosed = true
            let batches =
                Array(state.waiting)
                + state.backingOff.values.flatMap {
                    [$0.ticket.work.batch] + ($0.ticket.work.bisection?.rest ?? [])
                }
            for entry in state.backingOff.values { entry.call.cancel() }
            state.target.ended(state.backingOff.count)
            state.waiting.removeAll()
            state.backingOff.removeAll()
            for batch in batches { discard(batch, reason: "shutdown", &state) }
            return batches
        }
        for batch in abandoned { abandon(batch) }
    }

    /// Says that it was.
    func abandon(_ batch: HostBatch) {
        batch.fail(.init(Status.cancelled, "\(instance.key) was stopped before it had it sent"))
    }
}
