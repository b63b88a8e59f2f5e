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
    /// "shutdown", unless it is on disk or can still be put there. What is under way ends with the
    /// plugin's stop().
    func close() {
        let (abandoned, kept) = state.withLock { state -> ([QueuedBatch], [QueuedBatch]) in
            state.isClosed = true
            let left =
                Array(state.waiting) + state.backingOff.values.map { QueuedBatch($0.ticket.work) }
            // What has a record stays, as a whole, where it is.
            let kept = left.filter { $0.record != nil }
            let batches = left.filter { $0.record == nil }.flatMap(\.pieces)
            for entry in state.backingOff.values { entry.call.cancel() }
            state.target.ended(state.backingOff.count)
            state.waiting.removeAll()
            state.backingOff.removeAll()
            (state.cachedBytes, state.isHeld) = (0, false)
            return (batches, kept)
        }
        for batch in kept { batch.fail(stopped) }
        for batch in abandoned where !persist(batch) { abandonUnstored(batch) }
    }

    func abandon(_ batch: HostBatch) { abandon(QueuedBatch(batch)) }

    /// Says that it was.
    func abandon(_ batch: QueuedBatch) { batch.fail(stopped) }

    /// Takes what was not stored off the books.
    func abandonUnstored(_ batch: QueuedBatch) {
        state.withLock { discard(batch, reason: "shutdown", &$0) }
        abandon(batch)
    }
}
