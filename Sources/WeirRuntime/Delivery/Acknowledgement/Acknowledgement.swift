import CWeir
import Synchronization

/// When a receiver answers its clients: its setting `ack`.
package enum AcknowledgementMode: String, Sendable, CaseIterable {
    /// Once everything downstream has taken the request into memory.
    case enqueued
    /// Once every required sink has it on disk.
    case durable
    /// Once every required sink has delivered it.
    case delivered
}

/// What became of a batch that a receiver waits for (weir/ext/ack.h).
///
/// It hangs on the batch that came in, which every batch with items of it retains, and settles when
/// the last of them is gone. So nothing is counted on the way, and whoever waits for nothing pays
/// nothing; what goes wrong is noted by the one who sees it.
final class Acknowledgement: Sendable {
    /// Why a batch will not be delivered.
    struct Failure: Sendable {
        let status: weir_status
        let text: String
        let retryAfter: UInt64

        init(_ status: weir_status, _ text: String, retryAfter: UInt64 = 0) {
            self.status = status
            self.text = text
            self.retryAfter = retryAfter
        }

        /// What may still go through outweighs what never will, as in a fan-out.
        fileprivate var rank: Int {
            switch status {
            case Status.retry: 2
            case Status.cancelled: 1
            default: 0
            }
        }
    }

    let mode: AcknowledgementMode
    let fate = BatchFate()
    private let instance: ComponentInstance
    private let number: UInt64

    init(_ number: UInt64, _ mode: AcknowledgementMode, of instance: ComponentInstance) {
        self.number = number
        self.mode = mode
        self.instance = instance
    }

    func fail(_ failure: Failure) { fate.fail(failure) }

    deinit { instance.settle(number, fate.settle()) }
}

/// How it stands with a batch, for one who outlives it.
final class BatchFate: Sendable {
    private struct State {
        var worst: Acknowledgement.Failure?
        var isSettled = false
        /// Batches that came later, with the same bytes, and that wait for this one, too.
        var followers: [Acknowledgement] = []
    }

    /// In the order in which they were made.
    private let number = BatchFate.last.add(1, ordering: .relaxed).newValue
    private static let last = Atomic<UInt64>(0)
    private let state = Mutex(State())

    func fail(_ failure: Acknowledgement.Failure) {
        state.withLock { state in
            if let worst = state.worst, worst.rank >= failure.rank { return }
            state.worst = failure
        }
    }

    /// Ends it, and lets those go who wait for it.
    func settle() -> Acknowledgement.Failure? {
        let (worst, followers) = state.withLock { state in
            state.isSettled = true
            defer { state.followers = [] }
            return (state.worst, state.followers)
        }
        if let worst {
            for follower in followers { follower.fail(worst) }
        }
        return worst
    }

    /// Makes another one wait for this. False: it is over and did not go well, or came later, and
    /// each would wait for the other, for ever.
    func hold(_ follower: Acknowledgement) -> Bool {
        // Its own: what is handed on again may be another object each time.
        if follower.fate === self { return true }
        return state.withLock { state in
            if state.isSettled { return state.worst == nil }
            guard number < follower.fate.number else { return false }
            if !state.followers.contains(where: { $0 === follower }) {
                state.followers.append(follower)
            }
            return true
        }
    }
}
