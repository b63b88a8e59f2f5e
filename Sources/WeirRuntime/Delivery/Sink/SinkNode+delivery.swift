import CWeir
import Logging
import NIOPosix
import Synchronization

// What goes out.

/// A batch that is to be delivered next.
struct DeliveryWork {
    let batch: HostBatch
    var attempt = 1
    /// When the first attempt began, on the monotonic clock.
    let firstNano: UInt64
    /// What is left of a batch that was refused as a whole and of which this is a piece.
    var bisection: Bisection?
    /// Of the whole batch, in the durable queue.
    var record: UInt64?
    /// When that was stored, in Unix time.
    var storedNano: UInt64 = 0
}

extension SinkNode {
    /// Delivers on this thread, or on one that may block, and goes on with what waits.
    func begin(_ work: DeliveryWork) {
        if instance.mayBlock {
            services.blocking.submit { _ in self.run(work) }
        } else {
            run(work)
        }
    }

    /// Its turn has come.
    func begin(_ queued: QueuedBatch) {
        if let work = turn(of: queued) { begin(work) }
    }

    private static let turnsInARow = 16

    /// Delivers one batch after the other as long as the sink answers at once. A loop, because
    /// recursion would be as deep as the queue is long.
    private func run(_ work: DeliveryWork) {
        var next: DeliveryWork? = work
        var turns = 0
        while let work = next {
            // Threads that may block are few: the sinks that share them take turns.
            if instance.mayBlock, turns == Self.turnsInARow { return begin(work) }
            turns += 1
            let now = services.time.monotonicNano
            let ticket = DeliveryTicket(
                work, deadline: timeout == 0 ? 0 : now + timeout, node: self)
            guard let outcome = ticket.deliver() else { return }
            next = conclude(ticket.work, outcome, ticket)
        }
    }

    /// A pending delivery was settled, on whichever thread that happened.
    func finished(_ ticket: DeliveryTicket, _ outcome: weir_error) {
        if let next = conclude(ticket.work, outcome, ticket) { begin(next) }
    }

    /// Books an outcome. Returns what may be delivered next, if anything.
    private func conclude(
        _ work: DeliveryWork, _ outcome: weir_error, _ ticket: DeliveryTicket
    ) -> DeliveryWork? {
        let batch = work.batch
        noteHealth(outcome)
        switch outcome.status {
        case Status.ok:
            let rejected = min(Int(clamping: outcome.rejected_items), batch.items)
            instance.counters.sent.add(batch.items - rejected, batch.signal)
            if rejected > 0 { drop(rejected, of: batch, reason: "rejected", outcome) }
            return release(work, delivered: true)
        case Status.retry, Status.timeout:
            return retryLater(ticket, outcome)
        case Status.cancelled where work.record != nil:
            return keep(work)
        case Status.cancelled:
            drop(batch.items, of: batch, reason: "shutdown", outcome)
            return release(work, delivered: false)
        default:
            instance.counters.failed.add(batch.items, batch.signal, reason: "refused")
            return refused(work, outcome)
        }
    }

    /// A sink that does not get its batches out is not ok, whatever it says of itself.
    private func noteHealth(_ outcome: weir_error) {
        let fails = outcome.status != Status.ok && outcome.status != Status.cancelled
        guard isFailing.load(ordering: .relaxed) != fails else { return }
        isFailing.store(fails, ordering: .relaxed)
        instance.observe(isFailing: fails, outcome.text)
    }

    private func retryLater(_ ticket: DeliveryTicket, _ outcome: weir_error) -> DeliveryWork? {
        let work = ticket.work
        let batch = work.batch
        let reason = outcome.status == Status.timeout ? "timeout" : "retry"
        instance.counters.failed.add(batch.items, batch.signal, reason: reason)
        let decision = retry.decide(
            attempt: work.attempt, elapsed: services.time.monotonicNano - work.firstNano,
            hint: outcome.retry_after_ns, random: Double.random(in: 0..<1))
        switch decided(decision, for: work) {
        case .giveUp(let reason):
            if reason == Self.comesAgain { return requeue(work) }
            drop(batch.items, of: batch, reason: reason, outcome)
            return release(work, delivered: false)
        case .wait(let nano):
            let isClosed = state.withLock { state in
                if state.isClosed { return true }
                let nano = hurried(nano, hint: outcome.retry_after_ns, state)
                let id = ObjectIdentifier(ticket)
                let call = services.time.schedule(afterNano: nano) { self.tryAgain(id) }
                state.backingOff[id] = BackOff(ticket: ticket, call: call)
                return false
            }
            guard isClosed else {
                instance.logger.debug(
                    "delivery failed, next attempt in \(nano / 1_000_000) ms: \(outcome.text(orStatus: outcome.status))",
                    metadata: ["attempt": "\(work.attempt)", "items": "\(batch.items)"])
                return nil
            }
            if work.record != nil { return keep(work) }
            drop(batch.items, of: batch, reason: "shutdown", outcome)
            return release(work, delivered: false)
        }
    }

    /// While the queue empties for the last time, the usual backoff would be the end of the
    /// batch: a part of what is left of the time, but never less than the server asked for.
    private func hurried(_ nano: UInt64, hint: UInt64, _ state: borrowing State) -> UInt64 {
        guard let until = state.hurryUntil else { return nano }
        let now = services.time.monotonicNano
        let part = max((until > now ? until - now : 0) / 4, 100_000_000)
        return min(nano, max(part, hint))
    }

    func drop(_ items: Int, of batch: HostBatch, reason: String, _ outcome: weir_error) {
        if outcome.status != Status.ok { batch.fail(failure(reason, outcome)) }
        drop(items, batch.signal, reason: reason, outcome)
    }

    /// Drops all of a batch, which may be on disk alone.
    func drop(_ queued: QueuedBatch, reason: String, _ outcome: weir_error) {
        queued.fail(failure(reason, outcome))
        drop(queued.items, queued.signal, reason: reason, outcome)
    }

    /// Counts what is given up, and says so in the log.
    private func drop(
        _ items: Int, _ signal: Signal, reason: String, _ outcome: weir_error
    ) {
        instance.counters.dropped.add(items, signal, reason: reason)
        // Delivered, and rejected without a word: a filter of the sink's own, meant to drop.
        if outcome.status == Status.ok, outcome.text.isEmpty { return }
        let now = services.time.monotonicNano
        guard let told = complaints.withLock({ $0.add(items, atNano: now) }) else { return }
        instance.logger.error(
            "dropped \(told) (\(reason)): \(outcome.text(orStatus: outcome.status))")
    }

    private func failure(_ reason: String, _ outcome: weir_error) -> Acknowledgement.Failure {
        let status =
            switch outcome.status {
            case Status.retry, Status.timeout: Status.retry
            case Status.cancelled: Status.cancelled
            default: Status.refused
            }
        return .init(
            status,
            "\(instance.key) dropped it (\(reason)): \(outcome.text(orStatus: outcome.status))",
            retryAfter: outcome.retry_after_ns)
    }

    /// Takes a finished batch off the books and gives its place to the next.
    func release(_ work: DeliveryWork, delivered: Bool) -> DeliveryWork? {
        let batch = work.batch
        let now = services.time.monotonicNano
        var abandoned: [HostBatch] = []
        defer { for piece in abandoned { abandon(piece) } }
        let next = state.withLock { state -> Next in
            state.remove(batch)
            if delivered { state.rate.delivered(bytes: batch.byteCount, atNano: now) }
            if var bisection = work.bisection {
                // Once it is closed, what is left here is what a pending delivery has left behind.
                if state.isClosed, work.record != nil {
                    state.inFlight -= 1
                    return .nothing(isDone: bisection.rest.isEmpty)
                }
                if state.isClosed {
                    abandoned = bisection.rest
                    for piece in abandoned { state.remove(piece) }
                } else if let piece = bisection.next(delivered: delivered) {
                    return .piece(
                        DeliveryWork(
                            batch: piece, firstNano: now, bisection: bisection,
                            record: work.record, storedNano: work.storedNano))
                }
            }
            if let next = state.popWaiting() { return .turn(next) }
            state.inFlight -= 1
            return .nothing(isDone: true)
        }
        switch next {
        case .piece(let work): return work
        case .turn(let queued):
            storage?.remove(work.record)
            return turn(of: queued)
        case .nothing(let isDone):
            if isDone { storage?.remove(work.record) }
            return nil
        }
    }

    /// What follows a batch that has ended.
    private enum Next {
        case piece(DeliveryWork)
        case turn(QueuedBatch)
        case nothing(isDone: Bool)
    }
}
