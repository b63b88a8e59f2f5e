import Synchronization
import WeirSDK
import WeirTelemetry

/// One delivery on its way: the batch, taken apart by backend, and what became of each part.
///
/// A part that fails is taken apart again, without the backends that it has been to, so each of its
/// keys goes to the backend that follows on the ring. When nothing is under way, the delivery is
/// settled.
final class Shipment: Sendable {
    /// Everything that one backend gets of the batch in one request.
    private struct Share: Sendable {
        let number: UInt32
        let batch: Batch
        let backend: Backend
        /// The backends that it has been to, this one not included.
        let tried: [Backend]
    }

    /// Where a unit is: with one of the parts, or at an end.
    private enum Place {
        static let done: UInt32 = 0
        static let failed: UInt32 = 1
        static let whole: UInt32 = 2
    }

    private struct State {
        /// By the number of the unit.
        var places: [UInt32] = []
        var nextPart = Place.whole + 1
        var underWay = 1
        var progress = PartialDeliveries.Progress(done: [])
        /// The last reason why a part could not be delivered; empty: none.
        var failure = ""
    }

    private let batch: Batch
    private let delivery: Delivery
    private let balancer: Balancer
    private let hasher: RoutingKeyHasher
    private let state: Mutex<State>

    init(_ batch: Batch, _ delivery: Delivery, _ key: RoutingKey, _ balancer: Balancer) {
        self.batch = batch
        self.delivery = delivery
        self.balancer = balancer
        hasher = RoutingKeyHasher(
            key: key, attributes: balancer.attributes, signal: batch.signal,
            noTrace: UInt64.random(in: 0...UInt64.max))
        var state = State()
        if let progress = balancer.partial.take(batch, at: balancer.host.monotonic) {
            state.progress = progress
            state.places = progress.done.map { $0 ? Place.done : Place.whole }
        }
        self.state = Mutex(state)
    }

    func begin() { route(Place.whole) }

    // MARK: Out

    /// Takes what is in a part apart, and sends the new parts.
    ///
    /// - Parameters:
    ///   - items: what is in it, if it is routed again.
    ///   - reason: why it is.
    private func route(
        _ number: UInt32, _ tried: [Backend] = [], again items: Int = 0, _ reason: String = ""
    ) {
        let membership = balancer.backends.current
        let now = balancer.host.monotonic
        let usable = membership.backends.map { backend in
            !tried.contains { $0 === backend } && backend.withHealth { $0.isUsable(at: now) }
        }
        guard usable.contains(true) else {
            let why = reason.isEmpty ? "no backend is known yet" : reason
            return fail(number, balancer.backends.complaint ?? why)
        }
        if items > 0 {
            balancer.status?.attemptFailed(items, batch.signal, reason: "rerouted")
        }
        let parts: [Share]
        do throws(ComponentError) {
            parts = try split(number, membership, usable, tried)
        } catch {
            return fail(number, error.message)
        }
        // A part is complete before anything is sent: an answer may come within send().
        for part in parts { send(part) }
        if parts.isEmpty { settleIfDone() }
    }

    private func split(
        _ number: UInt32, _ membership: Membership, _ usable: [Bool], _ tried: [Backend]
    ) throws(ComponentError) -> [Share] {
        let (before, first) = state.withLock { state in
            defer { state.nextPart += UInt32(membership.backends.count) }
            return (state.places, state.nextPart)
        }
        let isFirst = before.isEmpty
        var split = BatchSplit(
            batch, hasher, balancer.host, of: number, places: before, first: first)
        try split.run { membership.ring.owner(of: $0) { usable[$0] } }
        let places = split.places
        let parts = try split.made().map { made in
            Share(
                number: first + UInt32(made.target), batch: made.batch,
                backend: membership.backends[made.target], tried: tried)
        }
        state.withLock { [count = parts.count] state in
            if isFirst {
                state.places = places
            } else {
                // Others may have come to an end meanwhile: only what was in this part moved.
                for index in state.places.indices where state.places[index] == number {
                    state.places[index] = places[index]
                }
            }
            state.underWay += count - 1
        }
        return parts
    }

    private func send(_ part: Share) {
        let host = balancer.host
        var deadline = delivery.deadline
        if let timeout = balancer.timeout {
            let own = host.deadline(in: timeout)
            if deadline == .none
                || own.monotonicNanoseconds < deadline.monotonicNanoseconds
            {
                deadline = own
            }
        }
        part.backend.send(part.batch, deadline: deadline) { [self] result in
            switch result {
            case .ended(let outcome): ended(part, outcome)
            case .cancelled(let message):
                if balancer.backends.isStopped {
                    fail(part.number, message)
                } else {
                    // The backend went, and was closed before this reached it.
                    route(part.number, part.tried + [part.backend], message)
                }
            }
        }
    }

    // MARK: Back

    private func ended(_ part: Share, _ outcome: Outcome) {
        let backends = balancer.backends
        switch outcome {
        case .delivered(let rejected, let message):
            backends.answered(part.backend)
            finish(part.number) { progress in
                // A server may say any number.
                progress.rejected += min(rejected, part.batch.items)
                if progress.message.isEmpty { progress.message = message }
            }
        case .refused(let message):
            backends.answered(part.backend)
            finish(part.number) { progress in
                progress.refused += part.batch.items
                if progress.message.isEmpty { progress.message = message }
            }
        case .retry(let delay, let message):
            backends.failed(part.backend, after: delay, message)
            guard !balancer.host.hasPassed(delivery.deadline) else {
                return fail(part.number, message)
            }
            route(
                part.number, part.tried + [part.backend], again: part.batch.items, message)
        case .pending: fail(part.number, "the answer makes no sense")
        }
    }

    private func finish(
        _ number: UInt32, _ note: (inout PartialDeliveries.Progress) -> Void
    ) {
        state.withLock { state in
            for index in state.places.indices where state.places[index] == number {
                state.places[index] = Place.done
            }
            note(&state.progress)
            state.underWay -= 1
        }
        settleIfDone()
    }

    private func fail(_ number: UInt32, _ message: String) {
        state.withLock { state in
            for index in state.places.indices where state.places[index] == number {
                state.places[index] = Place.failed
            }
            state.failure = message
            state.underWay -= 1
        }
        settleIfDone()
    }

    private func settleIfDone() {
        let end = state.withLock { state -> State? in
            guard state.underWay == 0 else { return nil }
            // Once only.
            state.underWay = -1
            return state
        }
        guard let end else { return }
        var progress = end.progress
        guard end.failure.isEmpty else {
            if end.places.contains(Place.done) {
                progress.done = end.places.map { $0 == Place.done }
                balancer.partial.remember(batch, progress, at: balancer.host.monotonic)
            }
            return delivery.settle(.retry(after: balancer.backends.wait, message: end.failure))
        }
        if progress.refused > 0, progress.refused >= batch.items {
            return delivery.settle(.refused(message: progress.message))
        }
        delivery.settle(
            .delivered(rejected: progress.rejected + progress.refused, message: progress.message))
    }
}
