import CWeir
import NIOCore
import Synchronization

/// The batches of one receiver that it waits for; each is told of exactly once, and none after the
/// receiver is gone.
final class Watches: Sendable {
    typealias Settled = @Sendable (Acknowledgement.Failure?) -> Void

    private struct State {
        var last: UInt64 = 0
        var open: [UInt64: Settled] = [:]
        var isEnded = false
    }

    let mode: AcknowledgementMode
    private let state = Mutex(State())

    init(_ mode: AcknowledgementMode) { self.mode = mode }

    /// Requests that have no answer yet.
    var count: Int { state.withLock { $0.open.count } }

    /// `nil`: the receiver is going.
    func add(_ settled: @escaping Settled) -> UInt64? {
        state.withLock { state in
            guard !state.isEnded else { return nil }
            state.last += 1
            state.open[state.last] = settled
            return state.last
        }
    }

    func isOpen(_ number: UInt64) -> Bool { state.withLock { $0.open[number] != nil } }

    /// Who is to be told; the caller tells.
    func take(_ number: UInt64) -> Settled? {
        state.withLock { $0.open.removeValue(forKey: number) }
    }

    /// Tells all that are left that nothing is known, and takes no more.
    func end() {
        let rest = state.withLock { state in
            state.isEnded = true
            defer { state.open = [:] }
            return Array(state.open.values)
        }
        let failure = Acknowledgement.Failure(
            Status.cancelled, "the process ends, and what became of it is not known: send it again")
        for settled in rest { settled(failure) }
    }

    /// Takes watches again: an instance may be made anew.
    func begin() { state.withLock { $0.isEnded = false } }
}

extension ComponentInstance {
    /// Calls `settled` when the last batch with items of this one is gone.
    func watch(_ batch: HostBatch, _ settled: @escaping Watches.Settled) -> Acknowledgement.Failure?
    {
        guard let watches else {
            return Acknowledgement.Failure(
                Status.unsupported, "\(key) waits for nothing: its setting ack is enqueued")
        }
        guard let number = watches.add(settled) else {
            return Acknowledgement.Failure(Status.cancelled, "\(key) has been stopped")
        }
        let acknowledgement = Acknowledgement(number, watches.mode, of: self)
        guard batch.watch(acknowledgement) else {
            _ = watches.take(number)
            return Acknowledgement.Failure(Status.invalid, "this batch is watched already")
        }
        return nil
    }

    /// Says what became of a batch; later, on an event loop: the last reference to a batch may be
    /// given up anywhere, also within a lock of some plugin.
    func settle(_ number: UInt64, _ failure: Acknowledgement.Failure?) {
        guard let watches, watches.isOpen(number) else { return }
        services.group.any().execute {
            self.callBack {
                guard let settled = watches.take(number) else { return }
                settled(failure)
            }
        }
    }
}
