import WeirConfig
import NIOPosix
import CWeir
import Logging
import NIOCore
import WeirTelemetry
import Synchronization

/// A sink's place in the graph: its sending queue, its retries, its ledger.
///
/// A batch that is taken is in exactly one of these: waiting in `queue`, under way (in a delivery
/// or between two attempts), sent, or dropped with a reason.
package final class SinkNode: Consumer {
    package let instance: ComponentInstance
    package let limits: QueueLimits
    private let retry: RetryPolicy
    private let timeout: UInt64
    private let state: Mutex<State>
    private let complaints = Mutex(DropComplaints())
    private let isFailing = Atomic<Bool>(false)

    private struct State {
        var waiting = CircularBuffer<HostBatch>(initialCapacity: 8)
        var inFlight = 0
        var load: [QueueLoad] = Array(repeating: QueueLoad(), count: 3)
        var total = QueueLoad()
        var rate = DrainRate()
        var isClosed = false
        /// When the time to empty the queue ends, once the host is stopping.
        var hurryUntil: UInt64?
        /// Deliveries that wait for their next attempt.
        var backingOff: [ObjectIdentifier: BackOff] = [:]

        mutating func add(_ batch: HostBatch) {
            load[Int(batch.signal.rawValue) - 1].add(items: batch.items, bytes: batch.byteCount)
            total.add(items: batch.items, bytes: batch.byteCount)
        }

        mutating func remove(_ batch: HostBatch) {
            load[Int(batch.signal.rawValue) - 1].remove(items: batch.items, bytes: batch.byteCount)
            total.remove(items: batch.items, bytes: batch.byteCount)
        }
    }

    private struct BackOff {
        let ticket: DeliveryTicket
        let call: any ScheduledCall
    }

    /// - Parameter timeout: of one attempt, in nanoseconds; 0 for none.
    init(_ instance: ComponentInstance, limits: QueueLimits, retry: RetryPolicy, timeout: UInt64) {
        self.instance = instance
        var limits = limits
        if !instance.runsConcurrently { limits.consumers = 1 }
        self.limits = limits
        self.retry = retry
        self.timeout = timeout
        state = Mutex(State())
    }

    /// What waits or is under way: all of it, or of one signal.
    package var load: QueueLoad { state.withLock { $0.total } }
    package func load(_ signal: Signal) -> QueueLoad {
        state.withLock { $0.load[Int(signal.rawValue) - 1] }
    }

    private var services: HostServices { instance.services }
}

// MARK: - In

extension SinkNode {
    func take(_ batch: HostBatch, error: UnsafeMutablePointer<weir_error>) -> weir_status {
        let (refusal, deliverNow) = state.withLock { state -> (Refusal?, Bool) in
            if let refusal = self.refusal(batch, state) { return (refusal, false) }
            state.add(batch)
            guard state.inFlight < limits.consumers, state.waiting.isEmpty else {
                state.waiting.append(batch)
                return (nil, false)
            }
            state.inFlight += 1
            return (nil, true)
        }
        if let refusal {
            unsafe refusal.fill(&error.pointee, instance.key)
            instance.counters.refused.add(batch.items, batch.signal, reason: refusal.reason)
            return refusal.status
        }
        instance.counters.accepted.add(batch.items, batch.signal)
        if deliverNow { begin(batch, attempt: 1, firstNano: services.time.monotonicNano) }
        return Status.ok
    }

    func wouldTake(_ batch: HostBatch, error: UnsafeMutablePointer<weir_error>) -> weir_status {
        guard let refusal = state.withLock({ self.refusal(batch, $0) }) else { return Status.ok }
        unsafe refusal.fill(&error.pointee, instance.key)
        return refusal.status
    }

    private enum Refusal {
        case full(load: QueueLoad, retryAfter: UInt64)
        case closed

        var status: weir_status {
            switch self {
            case .full: Status.retry
            case .closed: Status.cancelled
            }
        }

        var reason: String {
            switch self {
            case .full: "queue_full"
            case .closed: "stopped"
            }
        }

        func fill(_ error: inout weir_error, _ key: String) {
            switch self {
            case .full(let load, let retryAfter):
                error.set(
                    Status.retry,
                    "the sending queue of \(key) is full (\(load.requests) requests, "
                        + "\(load.items) items, \(load.bytes) bytes): retry later",
                    retryAfter: retryAfter)
            case .closed:
                error.set(Status.cancelled, "\(key) has been stopped")
            }
        }
    }

    private func refusal(_ batch: HostBatch, _ state: borrowing State) -> Refusal? {
        if state.isClosed { return .closed }
        if limits.admits(items: batch.items, bytes: batch.byteCount, beside: state.total) {
            return nil
        }
        return .full(
            load: state.total, retryAfter: state.rate.retryAfterNano(bytes: state.total.bytes))
    }
}

// MARK: - Out

extension SinkNode {
    /// Delivers on this thread, or on one that may block, and goes on with what waits.
    private func begin(_ batch: HostBatch, attempt: Int, firstNano: UInt64) {
        if instance.mayBlock {
            services.blocking.submit { _ in
                self.run(batch, attempt: attempt, firstNano: firstNano)
            }
        } else {
            run(batch, attempt: attempt, firstNano: firstNano)
        }
    }

    private static let turnsInARow = 16

    /// Delivers one batch after the other as long as the sink answers at once. A loop, because
    /// recursion would be as deep as the queue is long.
    private func run(_ batch: HostBatch, attempt: Int, firstNano: UInt64) {
        var next: HostBatch? = batch
        var (attempt, firstNano) = (attempt, firstNano)
        var turns = 0
        while let batch = next {
            // Threads that may block are few: the sinks that share them take turns.
            if instance.mayBlock, turns == Self.turnsInARow {
                return begin(batch, attempt: attempt, firstNano: firstNano)
            }
            turns += 1
            let now = services.time.monotonicNano
            let ticket = DeliveryTicket(
                batch, attempt: attempt, firstNano: firstNano,
                deadline: timeout == 0 ? 0 : now + timeout, node: self)
            guard let outcome = ticket.deliver() else { return }
            next = conclude(ticket, outcome)
            attempt = 1
            firstNano = services.time.monotonicNano
        }
    }

    /// A pending delivery was settled, on whichever thread that happened.
    func finished(_ ticket: DeliveryTicket, _ outcome: weir_error) {
        if let next = conclude(ticket, outcome) {
            begin(next, attempt: 1, firstNano: services.time.monotonicNano)
        }
    }

    /// Books an outcome. Returns the batch that may be delivered next, if any.
    private func conclude(_ ticket: DeliveryTicket, _ outcome: weir_error) -> HostBatch? {
        let batch = ticket.batch
        noteHealth(outcome)
        switch outcome.status {
        case Status.ok:
            let rejected = min(Int(clamping: outcome.rejected_items), batch.items)
            instance.counters.sent.add(batch.items - rejected, batch.signal)
            if rejected > 0 { drop(rejected, of: batch, reason: "rejected", outcome) }
            return release(batch, delivered: true)
        case Status.retry, Status.timeout:
            return retryLater(ticket, outcome)
        case Status.cancelled:
            drop(batch.items, of: batch, reason: "shutdown", outcome)
            return release(batch, delivered: false)
        default:
            instance.counters.failed.add(batch.items, batch.signal, reason: "refused")
            drop(batch.items, of: batch, reason: "refused", outcome)
            return release(batch, delivered: false)
        }
    }

    /// A sink that does not get its batches out is not ok, whatever it says of itself.
    private func noteHealth(_ outcome: weir_error) {
        let fails = outcome.status != Status.ok && outcome.status != Status.cancelled
        guard isFailing.load(ordering: .relaxed) != fails else { return }
        isFailing.store(fails, ordering: .relaxed)
        instance.observe(isFailing: fails, outcome.text)
    }

    private func retryLater(_ ticket: DeliveryTicket, _ outcome: weir_error) -> HostBatch? {
        let batch = ticket.batch
        let reason = outcome.status == Status.timeout ? "timeout" : "retry"
        instance.counters.failed.add(batch.items, batch.signal, reason: reason)
        let decision = retry.decide(
            attempt: ticket.attempt, elapsed: services.time.monotonicNano - ticket.firstNano,
            hint: outcome.retry_after_ns, random: Double.random(in: 0..<1))
        switch decision {
        case .giveUp(let reason):
            drop(batch.items, of: batch, reason: reason, outcome)
            return release(batch, delivered: false)
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
                    metadata: ["attempt": "\(ticket.attempt)", "items": "\(batch.items)"])
                return nil
            }
            drop(batch.items, of: batch, reason: "shutdown", outcome)
            return release(batch, delivered: false)
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

    private func drop(_ items: Int, of batch: HostBatch, reason: String, _ outcome: weir_error) {
        instance.counters.dropped.add(items, batch.signal, reason: reason)
        // Delivered, and rejected without a word: a filter of the sink's own, meant to drop.
        if outcome.status == Status.ok, outcome.text.isEmpty { return }
        let now = services.time.monotonicNano
        guard let told = complaints.withLock({ $0.add(items, atNano: now) }) else { return }
        instance.logger.error(
            "dropped \(told) (\(reason)): \(outcome.text(orStatus: outcome.status))")
    }

    /// Takes a finished batch off the books and gives its place to the next.
    private func release(_ batch: HostBatch, delivered: Bool) -> HostBatch? {
        let now = services.time.monotonicNano
        return state.withLock { state in
            state.remove(batch)
            if delivered { state.rate.delivered(bytes: batch.byteCount, atNano: now) }
            if let next = state.waiting.popFirst() { return next }
            state.inFlight -= 1
            return nil
        }
    }
}

// MARK: - End

extension SinkNode {
    private func tryAgain(_ id: ObjectIdentifier) {
        guard let entry = state.withLock({ $0.backingOff.removeValue(forKey: id) }) else { return }
        let ticket = entry.ticket
        begin(ticket.batch, attempt: ticket.attempt + 1, firstNano: ticket.firstNano)
    }

    /// Whether nothing waits and nothing is under way.
    package var isEmpty: Bool { state.withLock { $0.total.requests == 0 } }

    /// Makes the next attempt of what is backing off at once, and those after it within the time
    /// that is left.
    func hurry(untilNano deadline: UInt64) {
        let entries = state.withLock { state in
            state.hurryUntil = deadline
            return state.backingOff
        }
        for (id, entry) in entries {
            entry.call.cancel()
            tryAgain(id)
        }
    }

    /// Takes nothing more, and drops what waits for its turn or its next attempt, with the reason
    /// "shutdown". What is under way ends with the plugin's stop().
    func close() {
        let abandoned = state.withLock { state -> [HostBatch] in
            state.isClosed = true
            let batches = Array(state.waiting) + state.backingOff.values.map(\.ticket.batch)
            for entry in state.backingOff.values { entry.call.cancel() }
            state.inFlight -= state.backingOff.count
            state.waiting.removeAll()
            state.backingOff.removeAll()
            for batch in batches { state.remove(batch) }
            return batches
        }
        for batch in abandoned {
            instance.counters.dropped.add(batch.items, batch.signal, reason: "shutdown")
        }
    }
}
