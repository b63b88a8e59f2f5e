import CWeir
import NIOCore
import Synchronization

// What comes in.

extension SinkNode {
    /// What became of a batch at the door.
    private enum Entry {
        case deliver(QueuedBatch)
        case wait
        /// It is in, and these had to make room for it.
        case instead([QueuedBatch], deliver: QueuedBatch?)
        /// It is dropped, and its sender is not told.
        case drop
        case refuse(QueueRefusal)
    }

    var patience: UInt64 { limits.overflow == .block ? limits.blockTimeout : 0 }

    func take(_ batch: HostBatch, error: UnsafeMutablePointer<weir_error>) -> weir_status {
        let entry = state.withLock { enter(batch, &$0) }
        switch entry {
        case .deliver(let queued):
            instance.counters.accepted.add(batch.items, batch.signal)
            begin(queued)
        case .wait:
            instance.counters.accepted.add(batch.items, batch.signal)
        case .instead(let dropped, let queued):
            instance.counters.accepted.add(batch.items, batch.signal)
            for dropped in dropped { overflow(dropped) }
            if let queued { begin(queued) }
        case .drop:
            instance.counters.accepted.add(batch.items, batch.signal)
            overflow(QueuedBatch(batch))
        case .refuse(let refusal):
            unsafe refusal.fill(&error.pointee, instance.key)
            instance.counters.refused.add(batch.items, batch.signal, reason: refusal.reason)
            return refusal.status
        }
        return Status.ok
    }

    func wouldTake(_ batch: HostBatch, error: UnsafeMutablePointer<weir_error>) -> weir_status {
        guard isRequired, limits.overflow.tells,
            let refusal = state.withLock({ self.refusal(batch, $0) })
        else { return Status.ok }
        unsafe refusal.fill(&error.pointee, instance.key)
        return refusal.status
    }

    private func enter(_ batch: HostBatch, _ state: inout sending State) -> Entry {
        guard let refusal = refusal(batch, state) else {
            return place(batch, &state).map { .deliver($0) } ?? .wait
        }
        switch refusal {
        case .full: break
        // No other batch could make room.
        case .closed, .storage: return isRequired ? .refuse(refusal) : .drop
        }
        switch limits.overflow {
        case .dropOldest:
            if let dropped = makeRoom(for: batch, &state) {
                return .instead(dropped, deliver: place(batch, &state))
            }
            // What is under way cannot be called back.
            return isRequired ? .refuse(refusal) : .drop
        case .dropNewest: return .drop
        case .reject, .block, .spill: return isRequired ? .refuse(refusal) : .drop
        }
    }

    /// Takes a batch in; returns it if it is to be delivered now.
    private func place(_ batch: HostBatch, _ state: inout sending State) -> QueuedBatch? {
        state.add(batch)
        let waits = state.inFlight >= limits.consumers || !state.waiting.isEmpty || state.isHeld
        let queued = stored(batch, waits: waits, &state)
        guard waits else {
            state.inFlight += 1
            return queued
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
        while !limits.admits(items: batch.items, bytes: batch.byteCount, beside: load) {
            guard count < state.waiting.count else { return nil }
            let oldest = state.waiting[offset: count]
            load.remove(items: oldest.items, bytes: oldest.byteCount)
            count += 1
        }
        return (0..<count).compactMap { _ in
            let oldest = state.popWaiting()
            if let oldest { state.remove(oldest) }
            return oldest
        }
    }

    private func admits(_ batch: HostBatch, _ state: borrowing State) -> Bool {
        limits.admits(items: batch.items, bytes: batch.byteCount, beside: state.total)
    }

    private func refusal(_ batch: HostBatch, _ state: borrowing State) -> QueueRefusal? {
        if state.isClosed { return .closed }
        if let storage, let refusal = refusal(of: storage, batch, state) { return refusal }
        if admits(batch, state) { return nil }
        return .full(
            load: state.total, retryAfter: state.rate.retryAfterNano(bytes: state.total.bytes))
    }

    /// Drops what there is no room for, as the settings want it.
    private func overflow(_ batch: QueuedBatch) {
        storage?.remove(batch.record)
        var outcome = weir_error.make()
        let (load, retryAfter, isClosed) = state.withLock {
            ($0.total, $0.rate.retryAfterNano(bytes: $0.total.bytes), $0.isClosed)
        }
        let refusal: QueueRefusal = isClosed ? .closed : .full(load: load, retryAfter: retryAfter)
        refusal.fill(&outcome, instance.key)
        drop(batch, reason: isClosed ? "shutdown" : "queue_full", outcome)
    }
}
