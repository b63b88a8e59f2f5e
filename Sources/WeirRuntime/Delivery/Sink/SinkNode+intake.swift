import CWeir
import NIOCore
import Synchronization

// What comes in.

extension SinkNode {
    /// What became of a batch at the door.
    private enum Entry {
        case deliver
        case wait
        /// It is in, and these had to make room for it.
        case instead([HostBatch], deliver: Bool)
        /// It is dropped, and its sender is not told.
        case drop
        case refuse(QueueRefusal)
    }

    var patience: UInt64 { limits.overflow == .block ? limits.blockTimeout : 0 }

    func take(_ batch: HostBatch, error: UnsafeMutablePointer<weir_error>) -> weir_status {
        let entry = state.withLock { enter(batch, &$0) }
        switch entry {
        case .deliver: break
        case .wait:
            instance.counters.accepted.add(batch.items, batch.signal)
            return Status.ok
        case .instead(let dropped, let deliver):
            instance.counters.accepted.add(batch.items, batch.signal)
            for dropped in dropped { overflow(dropped) }
            guard deliver else { return Status.ok }
            begin(batch)
            return Status.ok
        case .drop:
            instance.counters.accepted.add(batch.items, batch.signal)
            overflow(batch)
            return Status.ok
        case .refuse(let refusal):
            unsafe refusal.fill(&error.pointee, instance.key)
            instance.counters.refused.add(batch.items, batch.signal, reason: refusal.reason)
            return refusal.status
        }
        instance.counters.accepted.add(batch.items, batch.signal)
        begin(batch)
        return Status.ok
    }

    func wouldTake(_ batch: HostBatch, error: UnsafeMutablePointer<weir_error>) -> weir_status {
        guard isRequired, limits.overflow == .reject || limits.overflow == .block,
            let refusal = state.withLock({ self.refusal(batch, $0) })
        else { return Status.ok }
        unsafe refusal.fill(&error.pointee, instance.key)
        return refusal.status
    }

    private func enter(_ batch: HostBatch, _ state: inout sending State) -> Entry {
        guard let refusal = refusal(batch, state) else {
            return place(batch, &state) ? .deliver : .wait
        }
        if case .closed = refusal { return isRequired ? .refuse(refusal) : .drop }
        switch limits.overflow {
        case .dropOldest:
            if let dropped = makeRoom(for: batch, &state) {
                return .instead(dropped, deliver: place(batch, &state))
            }
            // What is under way cannot be called back.
            return isRequired ? .refuse(refusal) : .drop
        case .dropNewest: return .drop
        case .reject, .block: return isRequired ? .refuse(refusal) : .drop
        }
    }

    /// Takes a batch in; true: it is to be delivered now.
    private func place(_ batch: HostBatch, _ state: inout sending State) -> Bool {
        state.add(batch)
        guard state.inFlight < limits.consumers, state.waiting.isEmpty else {
            state.waiting.append(batch)
            return false
        }
        state.inFlight += 1
        return true
    }

    /// Takes out what has waited longest, so that the batch fits; `nil`, and nothing taken out, if
    /// it would not fit even so.
    private func makeRoom(
        for batch: HostBatch, _ state: inout sending State
    ) -> [HostBatch]? {
        var load = state.total
        var count = 0
        while !limits.admits(items: batch.items, bytes: batch.byteCount, beside: load) {
            guard count < state.waiting.count else { return nil }
            let oldest = state.waiting[offset: count]
            load.remove(items: oldest.items, bytes: oldest.byteCount)
            count += 1
        }
        return (0..<count).map { _ in
            let oldest = state.waiting.removeFirst()
            state.remove(oldest)
            return oldest
        }
    }

    private func admits(_ batch: HostBatch, _ state: borrowing State) -> Bool {
        limits.admits(items: batch.items, bytes: batch.byteCount, beside: state.total)
    }

    private func refusal(_ batch: HostBatch, _ state: borrowing State) -> QueueRefusal? {
        if state.isClosed { return .closed }
        if admits(batch, state) { return nil }
        return .full(
            load: state.total, retryAfter: state.rate.retryAfterNano(bytes: state.total.bytes))
    }

    /// Drops what there is no room for, as the settings want it.
    private func overflow(_ batch: HostBatch) {
        var outcome = weir_error.make()
        let (load, retryAfter, isClosed) = state.withLock {
            ($0.total, $0.rate.retryAfterNano(bytes: $0.total.bytes), $0.isClosed)
        }
        let refusal: QueueRefusal = isClosed ? .closed : .full(load: load, retryAfter: retryAfter)
        refusal.fill(&outcome, instance.key)
        drop(batch.items, of: batch, reason: isClosed ? "shutdown" : "queue_full", outcome)
    }
}
