import CWeir

/// What a batch can be handed to: a processor, a connector or a sink.
protocol Consumer: AnyObject, Sendable {
    /// WEIR_OK: it is now responsible for the batch. Otherwise nothing was taken.
    func take(_ batch: HostBatch, error: UnsafeMutablePointer<weir_error>) -> weir_status

    /// Whether it would take such a batch now; fills in the error if not. Asked before a batch goes
    /// to several, so that none has taken what another refuses.
    func wouldTake(_ batch: HostBatch, error: UnsafeMutablePointer<weir_error>) -> weir_status
}

/// What follows a component, for one signal.
struct Outputs: Sendable {
    private let consumers: [any Consumer]

    init(_ consumers: [any Consumer]) { self.consumers = consumers }

    var isEmpty: Bool { consumers.isEmpty }

    /// Hands the batch to all. With several, all are asked first; should one still refuse, because
    /// it filled up in between, the sender is told to come back, and those who have taken the batch
    /// will see it twice: at least once beats lost.
    func take(_ batch: HostBatch, error: UnsafeMutablePointer<weir_error>) -> weir_status {
        if consumers.count == 1 { return unsafe consumers[0].take(batch, error: error) }
        let check = unsafe wouldTake(batch, error: error)
        guard check == Status.ok else { return check }
        var worst = Status.ok
        var kept = weir_error.make()
        for consumer in consumers {
            let status = unsafe consumer.take(batch, error: error)
            // RETRY outweighs REFUSED: what comes back later may still get through.
            if status == Status.retry || (status != Status.ok && worst == Status.ok) {
                worst = status
                kept = unsafe error.pointee
            }
        }
        if worst != Status.ok { unsafe error.pointee = kept }
        return worst
    }

    func wouldTake(_ batch: HostBatch, error: UnsafeMutablePointer<weir_error>) -> weir_status {
        for consumer in consumers {
            let status = unsafe consumer.wouldTake(batch, error: error)
            if status != Status.ok { return status }
        }
        return Status.ok
    }
}
