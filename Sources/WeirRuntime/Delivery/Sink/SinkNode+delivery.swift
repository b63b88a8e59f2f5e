import CWeir
import Logging
import NIOPosix
import Synchronization

// What goes out.

/// A batch that is to be delivered next.
struct DeliveryWork {
    let batch: HostBatch
    let target: SinkTarget
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
        if work.target.instance.mayBlock {
            services.blocking.submit { _ in self.run(work) }
        } else {
            run(work)
        }
    }

    /// Its turn has come.
    func begin(_ queued: QueuedBatch, _ target: SinkTarget) {
        if let work = turn(of: queued, target) { begin(work) }
    }

    private static let turnsInARow = 16

    /// Delivers one batch after the other as long as the sink answers at once. A loop, because
    /// recursion would be as deep as the queue is long.
    private func run(_ work: DeliveryWork) {
        var next: DeliveryWork? = work
        var turns = 0
        while let work = next {
            // Threads that may block are few: the sinks that share them take turns.
            if work.target.instance.mayBlock, turns == Self.turnsInARow { return begin(work) }
            turns += 1
            let now = services.time.monotonicNano
            let timeout = work.target.timeout
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
        noteHealth(work, outcome)
        switch outcome.status {
        case Status.ok:
            let rejected = min(Int(clamping: outcome.rejected_items), batch.items)
            if rejected > 0 { tell(rejected, of: batch, reason: "rejected", outcome) }
            return release(work, sent: batch.items - rejected, reason: "rejected")
        case Status.retry, Status.timeout:
            return retryLater(ticket, outcome)
        case Status.cancelled:
            if takeOver(work) { return nil }
            return leave(work, outcome)
        default:
            counters.failed.add(batch.items, batch.signal, reason: "refused")
            return refused(work, outcome)
        }
    }

    private func giveUp(
        _ work: DeliveryWork, reason: String, _ outcome: weir_error
    ) -> DeliveryWork? {
        tell(work.batch.items, of: work.batch, reason: reason, outcome)
        return release(work, sent: nil, reason: reason)
    }

    /// A sink that does not get its batches out is not ok, whatever it says of itself.
    private func noteHealth(_ work: DeliveryWork, _ outcome: weir_error) {
        let fails = outcome.status != Status.ok && outcome.status != Status.cancelled
        // Each failure has a reason of its own: a server that was not there may be there, and hang.
        guard fails || isFailing.load(ordering: .relaxed), work.target === target else { return }
        isFailing.store(fails, ordering: .relaxed)
        work.target.instance.observe(isFailing: fails, outcome.text)
    }

    private func retryLater(_ ticket: DeliveryTicket, _ outcome: weir_error) -> DeliveryWork? {
        let work = ticket.work
        let batch = work.batch
        let reason = outcome.status == Status.timeout ? "timeout" : "retry"
        counters.failed.add(batch.items, batch.signal, reason: reason)
        if takeOver(work) { return nil }
        let decision = work.target.retry.decide(
            attempt: work.attempt, elapsed: services.time.monotonicNano - work.firstNano,
            hint: outcome.retry_after_ns, random: Double.random(in: 0..<1))
        switch decided(decision, for: work) {
        case .giveUp(let reason):
            return reason == Self.comesAgain
                ? requeue(work) : giveUp(work, reason: reason, outcome)
        case .wait(let nano):
            let isClosed = state.withLock { state -> Bool? in
                if state.isClosed { return true }
                if state.target !== work.target { return nil }
                let nano = hurried(nano, hint: outcome.retry_after_ns, state)
                let id = ObjectIdentifier(ticket)
                let call = services.time.schedule(afterNano: nano) { self.tryAgain(id) }
                state.failures += 1
                state.backingOff[id] = BackOff(
                    ticket: ticket, number: state.failures, call: call)
                return false
            }
            // Replaced a moment ago, and perhaps closed since.
            if isClosed == nil, takeOver(work) { return nil }
            guard isClosed != false else {
                work.target.instance.logger.debug(
                    "delivery failed, next attempt in \(nano / 1_000_000) ms: \(outcome.text(orStatus: outcome.status))",
                    metadata: ["attempt": "\(work.attempt)", "items": "\(batch.items)"])
                return nil
            }
            return leave(work, outcome)
        }
    }

    /// The host stops: what is on disk, or can still be put there, is for the next process.
    private func leave(_ work: DeliveryWork, _ outcome: weir_error) -> DeliveryWork? {
        let isStored = work.record != nil || work.bisection == nil && persist(QueuedBatch(work))
        return isStored ? keep(work) : giveUp(work, reason: "shutdown", outcome)
    }

    /// While the queue empties for the last time, the usual backoff would be the end of the
    /// batch: a part of what is left of the time, but never less than the server asked for.
    private func hurried(_ nano: UInt64, hint: UInt64, _ state: borrowing State) -> UInt64 {
        guard let until = state.hurryUntil else { return nano }
        let now = services.time.monotonicNano
        let part = max((until > now ? until - now : 0) / 4, 100_000_000)
        return min(nano, max(part, hint))
    }

    /// Says that some of a batch is given up, to whoever waits for it and in the log.
    func tell(_ items: Int, of batch: HostBatch, reason: String, _ outcome: weir_error) {
        if outcome.status != Status.ok { batch.fail(failure(reason, outcome)) }
        complain(items, reason: reason, outcome)
    }

    /// The same of all of a batch, which may be on disk alone.
    func tell(_ queued: QueuedBatch, reason: String, _ outcome: weir_error) {
        queued.fail(failure(reason, outcome))
        complain(queued.items, reason: reason, outcome)
    }

    private func complain(_ items: Int, reason: String, _ outcome: weir_error) {
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

    /// Takes a finished batch off the books, all at once, and gives its place to the next. What was
    /// not sent was dropped.
    ///
    /// - Parameter sent: `nil`: the batch was not delivered.
    func release(_ work: DeliveryWork, sent: Int?, reason: String) -> DeliveryWork? {
        let target = work.target
        let batch = work.batch
        let now = services.time.monotonicNano
        var abandoned: [HostBatch] = []
        defer {
            for piece in abandoned { abandon(piece) }
            services.bell.ring()
        }
        let next = state.withLock { state -> Next in
            state.remove(batch)
            if let sent {
                counters.sent.add(sent, batch.signal)
                state.rate.delivered(bytes: batch.byteCount, atNano: now)
            }
            let dropped = batch.items - (sent ?? 0)
            if dropped > 0 { counters.dropped.add(dropped, batch.signal, reason: reason) }
            if var bisection = work.bisection {
                // Once it is closed, what is left here is what a pending delivery has left behind.
                if state.isClosed, work.record != nil {
                    target.ended()
                    return .nothing(isDone: bisection.rest.isEmpty)
                }
                if state.isClosed {
                    abandoned = bisection.rest
                    for piece in abandoned { discard(piece, reason: "shutdown", &state) }
                } else if let piece = bisection.next(delivered: sent != nil) {
                    return .piece(
                        DeliveryWork(
                            batch: piece, target: target, firstNano: now, bisection: bisection,
                            record: work.record, storedNano: work.storedNano))
                }
            }
            if state.target === target, let next = state.popWaiting() { return .turn(next) }
            target.ended()
            return .nothing(isDone: true)
        }
        switch next {
        case .piece(let work): return work
        case .turn(let queued):
            storage?.remove(work.record)
            return turn(of: queued, target)
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
