import CWeir
import NIOCore
import Synchronization

// What comes in.

extension SinkNode {
    /// What became of a batch at the door.
    private enum Entry {
        case deliver(SinkTarget)
        case wait
        /// It is in, and these had to make room for it.
        case instead([HostBatch], deliver: SinkTarget?)
        /// It is dropped, and its sender is not told.
        case drop
        case refuse(QueueRefusal)
    }

    var patience: UInt64 { limits.overflow == .block ? limits.blockTimeout : 0 }

    func take(_ batch: HostBatch, error: UnsafeMutablePointer<weir_error>) -> weir_status {
        let entry = state.withLock { enter(batch, &$0) }
        switch entry {
        case .deliver(let target): begin(batch, target)
        case .wait: break
        case .instead(let dropped, let target):
            for dropped in dropped { overflow(dropped) }
            if let target { begin(batch, target) }
        case .drop: overflow(batch)
        case .refuse(let refusal):
            unsafe refusal.fill(&error.pointee, instance.key)
            counters.refused.add(batch.items, batch.signal, reason: refusal.reason)
            return refusal.status
        }
        return Status.ok
    }

    func wouldTake(_ batch: HostBatch, error: UnsafeMutablePointer<weir_error>) -> weir_status {
        guard isRequired, let refusal = state.withLock({ standing(batch, $0) })
        else { return Status.ok }
        unsafe refusal.fill(&error.pointee, instance.key)
        return refusal.status
    }

    /// The refusal that a sender would get.
    private func standing(_ batch: HostBatch, _ state: borrowing State) -> QueueRefusal? {
        let overflow = state.target.limits.overflow
        return overflow == .reject || overflow == .block ? refusal(batch, state) : nil
    }

    private func enter(_ batch: HostBatch, _ state: inout sending State) -> Entry {
        guard let refusal = refusal(batch, state) else {
            return place(batch, &state).map(Entry.deliver) ?? .wait
        }
        if case .closed = refusal { return turnAway(batch, refusal) }
        switch state.target.limits.overflow {
        case .dropOldest:
            if let dropped = makeRoom(for: batch, &state) {
                return .instead(dropped, deliver: place(batch, &state))
            }
            // What is under way cannot be called back.
            return turnAway(batch, refusal)
        case .dropNewest: return drop(batch, refusal)
        case .reject, .block: return turnAway(batch, refusal)
        }
    }

    private func turnAway(_ batch: HostBatch, _ refusal: QueueRefusal) -> Entry {
        isRequired ? .refuse(refusal) : drop(batch, refusal)
    }

    /// Taken, and dropped in the same moment.
    private func drop(_ batch: HostBatch, _ refusal: QueueRefusal) -> Entry {
        counters.accepted.add(batch.items, batch.signal)
        counters.dropped.add(batch.items, batch.signal, reason: refusal.dropReason)
        return .drop
    }

    /// Takes a batch in; to be delivered now, where there is a target.
    private func place(_ batch: HostBatch, _ state: inout sending State) -> SinkTarget? {
        state.add(batch)
        counters.accepted.add(batch.items, batch.signal)
        guard state.hasTurn, state.waiting.isEmpty else {
            state.waiting.append(batch)
            return nil
        }
        state.target.began()
        return state.target
    }

    /// Takes out what has waited longest, so that the batch fits; `nil`, and nothing taken out, if
    /// it would not fit even so.
    private func makeRoom(
        for batch: HostBatch, _ state: inout sending State
    ) -> [HostBatch]? {
        var load = state.total
        var count = 0
        let limits = state.target.limits
        while !limits.admits(items: batch.items, bytes: batch.byteCount, beside: load) {
            guard count < state.waiting.count else { return nil }
            let oldest = state.waiting[offset: count]
            load.remove(items: oldest.items, bytes: oldest.byteCount)
            count += 1
        }
        return (0..<count).map { _ in
            let oldest = state.waiting.removeFirst()
            discard(oldest, reason: QueueRefusal.queueFull, &state)
            return oldest
        }
    }

    private func refusal(_ batch: HostBatch, _ state: borrowing State) -> QueueRefusal? {
        if state.isClosed { return .closed }
        if state.target.limits.admits(
            items: batch.items, bytes: batch.byteCount, beside: state.total)
        {
            return nil
        }
        return .full(
            load: state.total, retryAfter: state.rate.retryAfterNano(bytes: state.total.bytes))
    }

    /// Tells of what was dropped because there is no room for it, as the settings want it.
    private func overflow(_ batch: HostBatch) {
        var outcome = weir_error.make()
        let (load, retryAfter, isClosed) = state.withLock {
            ($0.total, $0.rate.retryAfterNano(bytes: $0.total.bytes), $0.isClosed)
        }
        let refusal: QueueRefusal = isClosed ? .closed : .full(load: load, retryAfter: retryAfter)
        refusal.fill(&outcome, instance.key)
        tell(batch.items, of: batch, reason: refusal.dropReason, outcome)
    }
}
