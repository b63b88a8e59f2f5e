import Synchronization

extension HostBatch {
    /// Calls `body` for each acknowledgement that waits for items of this batch: more than once
    /// where ways that had parted have joined.
    func eachAcknowledgement(_ body: (Acknowledgement) -> Void) {
        if let own = watcher.load() { body(own) }
        for owner in owners {
            if let source = owner as? HostBatch {
                source.eachAcknowledgement(body)
            } else if let kept = owner as? Acknowledgement {
                body(kept)
            }
        }
    }

    /// Tells those who wait for items of this batch that they will not be delivered.
    func fail(_ failure: @autoclosure () -> Acknowledgement.Failure) {
        var made: Acknowledgement.Failure?
        eachAcknowledgement { acknowledgement in
            let known = made ?? failure()
            made = known
            acknowledgement.fail(known)
        }
    }

    /// The same bytes, for one whom nobody waits for, or only those who are kept waiting: this batch
    /// itself, where that makes no difference.
    func detached(keeping isKept: (Acknowledgement) -> Bool = { _ in false }) -> HostBatch {
        var kept: [ObjectIdentifier: Acknowledgement] = [:]
        var isLetGo = false
        eachAcknowledgement { acknowledgement in
            if isKept(acknowledgement) {
                kept[ObjectIdentifier(acknowledgement)] = acknowledgement
            } else {
                isLetGo = true
            }
        }
        guard isLetGo else { return self }
        var memory: [AnyObject] = []
        gatherMemory(&memory)
        for acknowledgement in kept.values { memory.append(acknowledgement) }
        return HostBatch(signal: signal, items: items, parts: parts, owners: memory)
    }

    /// What keeps the bytes of this batch accounted for, without the batches in between.
    private func gatherMemory(_ memory: inout [AnyObject]) {
        for owner in owners {
            if let source = owner as? HostBatch {
                source.gatherMemory(&memory)
            } else if !(owner is Acknowledgement) {
                memory.append(owner)
            }
        }
    }
}
