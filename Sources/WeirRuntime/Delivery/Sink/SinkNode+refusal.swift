import CWeir
import Logging
import Synchronization

// What will never be delivered as it is.

extension SinkNode {
    /// A batch was refused for good: its bad items are looked for, so that the others get through.
    func refused(_ work: DeliveryWork, _ outcome: weir_error) -> DeliveryWork? {
        guard let halves = halves(of: work) else { return giveUp(work, outcome) }
        var bisection = work.bisection ?? Bisection()
        bisection.add(halves)
        let now = services.time.monotonicNano
        return state.withLock { state in
            state.remove(work.batch)
            state.add(halves.0)
            state.add(halves.1)
            return bisection.next(delivered: false).map {
                DeliveryWork(
                    batch: $0, target: work.target, firstNano: now, bisection: bisection,
                    record: work.record, storedNano: work.storedNano)
            }
        }
    }

    private func halves(of work: DeliveryWork) -> (HostBatch, HostBatch)? {
        guard work.target.isolates, work.batch.items > 1, work.bisection?.mayGoOn != false else {
            return nil
        }
        let now = services.time.monotonicNano
        let isPaused = state.withLock { state in
            state.isClosed || work.bisection == nil && now < state.bisectAfter
        }
        return isPaused ? nil : work.batch.halves(budget: services.budget)
    }

    /// Drops a batch that is refused: as it cannot be divided, or because it makes no sense.
    private func giveUp(_ work: DeliveryWork, _ outcome: weir_error) -> DeliveryWork? {
        var work = work
        var dropped = [work.batch]
        if let bisection = work.bisection, !bisection.hasDelivered,
            bisection.isHopeless || bisection.rest.isEmpty
        {
            // Whatever is sent is refused: it is not the items.
            dropped += bisection.rest
            work.bisection = nil
            let until = services.time.monotonicNano + Bisection.pause
            state.withLock { state in
                for piece in dropped.dropFirst() { discard(piece, reason: "refused", &state) }
                state.bisectAfter = until
            }
        }
        let reason = outcome.text(orStatus: outcome.status)
        for batch in dropped {
            work.target.deadLetters?.add(batch, of: work.target.instance, reason: reason)
            tell(batch.items, of: batch, reason: "refused", outcome)
        }
        return release(work, sent: nil, reason: "refused")
    }
}
