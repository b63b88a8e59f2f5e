import NIOCore
import Synchronization

extension SinkNode {
    /// Delivers to another instance from now on. What waits, and what waits for its next attempt,
    /// goes there, in its order; what is under way ends with the old one, or comes back from it.
    func replace(with target: SinkTarget) {
        let next = state.withLock { state -> [QueuedBatch] in
            let old = state.target
            let failed = state.backingOff.values.sorted {
                ($0.ticket.work.firstNano, $0.number) < ($1.ticket.work.firstNano, $1.number)
            }
            for entry in failed { entry.call.cancel() }
            state.backingOff.removeAll()
            old.ended(failed.count)
            for entry in failed.reversed() { state.putBack(entry.ticket.work) }
            state.target = target
            return state.takeTurns()
        }
        isFailing.store(false, ordering: .relaxed)
        requirement.store(target.isRequired, ordering: .relaxed)
        for batch in next { begin(batch, target) }
    }

    /// A delivery that failed at an instance that was replaced goes to the one in its place, ahead of
    /// what waits there. False: that instance is the one still.
    func takeOver(_ work: DeliveryWork) -> Bool {
        let next = state.withLock { state -> (target: SinkTarget, batches: [QueuedBatch])? in
            guard state.target !== work.target, !state.isClosed else { return nil }
            work.target.ended()
            state.putBack(work)
            return (state.target, state.takeTurns())
        }
        guard let next else { return false }
        for batch in next.batches { begin(batch, next.target) }
        return true
    }
}

extension SinkNode.State {
    /// With the pieces that are left of a batch that was divided.
    fileprivate mutating func putBack(_ work: DeliveryWork) {
        let queued = QueuedBatch(work)
        waiting.prepend(queued)
        cachedBytes += queued.cachedBytes
    }

    /// As many of those that wait as may be delivered now.
    mutating func takeTurns() -> [QueuedBatch] {
        var batches: [QueuedBatch] = []
        while hasTurn, let batch = popWaiting() {
            target.began()
            batches.append(batch)
        }
        return batches
    }
}
