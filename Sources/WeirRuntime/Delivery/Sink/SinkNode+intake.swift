import CWeir
import CWeirSystem
import NIOCore
import Synchronization

// What comes in.

extension SinkNode {
    /// What became of a batch at the door.
    private enum Entry {
        case deliver(Turn)
        case wait
        /// It is in, and these had to make room for it.
        case instead([QueuedBatch], deliver: Turn?)
        /// It is dropped, and its sender is not told.
        case drop(QueueRefusal)
        case refuse(QueueRefusal)
    }

    /// A batch that is to be delivered now, and to what.
    private struct Turn {
        let queued: QueuedBatch
        let target: SinkTarget
    }

    var patience: UInt64 { limits.overflow == .block ? limits.blockTimeout : 0 }

    func take(_ batch: HostBatch, error: UnsafeMutablePointer<weir_error>) -> weir_status {
        let entry = state.withLock { enter(batch, &$0) }
        switch entry {
        case .deliver(let turn): begin(turn.queued, turn.target)
        case .wait: break
        case .instead(let dropped, let turn):
            for dropped in dropped { overflow(dropped) }
            if let turn { begin(turn.queued, turn.target) }
        case .drop(let refusal): overflow(QueuedBatch(batch), refusal)
        case .refuse(let refusal):
            unsafe refusal.fill(&error.pointee, instance.key)
            if !weir_call_is_repeat() {
                counters.refused.add(batch.items, batch.signal, reason: refusal.reason)
            }
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

    func drop(_ batch: HostBatch, reason: String) {
        state.withLock { _ in
            counters.accepted.add(batch.items, batch.signal)
            counters.dropped.add(batch.items, batch.signal, reason: reason)
        }
    }

    /// The refusal that a sender would get.
    private func standing(_ batch: HostBatch, _ state: borrowing State) -> QueueRefusal? {
        let overflow = state.target.limits.overflow
        return overflow.tells ? refusal(batch, state) : nil
    }

    private func enter(_ batch: HostBatch, _ state: inout sending State) -> Entry {
        guard let refusal = refusal(batch, state) else {
            return place(batch, &state).map(Entry.deliver) ?? .wait
        }
        switch refusal {
        case .full: break
        // No other batch could make room.
        case .closed, .storage: return turnAway(batch, refusal)
        }
        switch state.target.limits.overflow {
        case .dropOldest:
            if let dropped = makeRoom(for: batch, &state) {
                return .instead(dropped, deliver: place(batch, &state))
            }
            // What is under way cannot be called back.
            return turnAway(batch, refusal)
        case .dropNewest: return drop(batch, refusal)
        case .reject, .block, .spill: return turnAway(batch, refusal)
        }
    }

    private func turnAway(_ batch: HostBatch, _ refusal: QueueRefusal) -> Entry {
        isRequired ? .refuse(refusal) : drop(batch, refusal)
    }

    /// Taken, and dropped in the same moment.
    private func drop(_ batch: HostBatch, _ refusal: QueueRefusal) -> Entry {
        counters.accepted.add(batch.items, batch.signal)
        counters.dropped.add(batch.items, batch.signal, reason: refusal.dropReason)
        return .drop(refusal)
    }

    /// Takes a batch in; to be delivered now, where its turn has come.
    private func place(_ batch: HostBatch, _ state: inout sending State) -> Turn? {
        state.add(batch)
        counters.accepted.add(batch.items, batch.signal)
        let waits = !state.hasTurn || !state.waiting.isEmpty
        let queued = stored(batch, waits: waits, &state)
        guard waits else {
            state.target.began()
            return Turn(queued: queued, target: state.target)
        }
        state.wait(queued)
        return nil
    }

    /// Takes out what has waited longest, so that the batch fits; `nil`, and nothing taken out, if
    /// it would not fit even so.
    private func makeRoom(
        for batch: HostBatch, _ state: inout sending State
    ) -> [QueuedBatch]? {
        var load = state.total
        var count = 0
        let limits = state.target.limits
        while !limits.admits(items: batch.items, bytes: batch.byteCount, beside: load) {
            guard count < state.waiting.count else { return nil }
            let oldest = state.waiting[offset: count]
            load.remove(items: oldest.items, bytes: oldest.byteCount)
            count += 1
        }
        return (0..<count).compactMap { _ in
            guard let oldest = state.popWaiting() else { return nil }
            for piece in oldest.pieces {
                discard(piece, reason: QueueRefusal.queueFull, &state)
            }
            return oldest
        }
    }

    private func refusal(_ batch: HostBatch, _ state: borrowing State) -> QueueRefusal? {
        if state.isClosed { return .closed }
        if let storage, let refusal = refusal(of: storage, batch, state) { return refusal }
        if state.target.limits.admits(
            items: batch.items, bytes: batch.byteCount, beside: state.total) || !hasBound
        {
            return nil
        }
        return .full(
            load: state.total, retryAfter: state.rate.retryAfterNano(bytes: state.total.bytes))
    }

    /// Tells of what was dropped because there is no room for it, as the settings want it.
    private func overflow(_ batch: QueuedBatch) {
        storage?.remove(batch.record)
        let refusal = state.withLock { state in
            QueueRefusal.full(
                load: state.total,
                retryAfter: state.rate.retryAfterNano(bytes: state.total.bytes))
        }
        overflow(batch, refusal)
    }

    private func overflow(_ batch: QueuedBatch, _ refusal: QueueRefusal) {
        var outcome = weir_error.make()
        refusal.fill(&outcome, instance.key, isDropped: true)
        for piece in batch.pieces { tell(piece, reason: refusal.dropReason, outcome) }
    }
}
