import Synchronization
import WeirSDK
import WeirTelemetry

/// What became of batches of which a part could not be delivered: when the host tries such a batch
/// again, only the rest of it is sent.
///
/// A batch is known by a 64-bit hash of its bytes with a random seed, its size, signal and number of
/// items. At most 1,024 are remembered, for ten minutes.
final class PartialDeliveries: Sendable {
    struct Progress: Sendable {
        /// By the number of the unit: it was delivered, or refused for good.
        var done: [Bool]
        /// Items that backends rejected when they took the others.
        var rejected = 0
        /// Items in parts that were refused as a whole.
        var refused = 0
        var message = ""
    }

    private struct Identity: Hashable {
        var hash: UInt64
        var byteCount: Int
        var items: Int
        var signal: Signal
    }

    private struct Entry {
        var progress: Progress
        var until: UInt64
    }

    private struct State {
        var entries: [Identity: Entry] = [:]
        var order: [Identity] = []
    }

    static let capacity = 1024
    private static let lifetime: UInt64 = 600_000_000_000

    private let seed = UInt64.random(in: 0...UInt64.max)
    private let state = Mutex(State())

    /// What is done of this batch, which is then forgotten. Nothing is computed while nothing is
    /// remembered.
    func take(_ batch: Batch, at now: UInt64) -> Progress? {
        guard state.withLock({ !$0.entries.isEmpty }) else { return nil }
        let identity = identity(of: batch)
        return state.withLock { state in
            guard let entry = state.entries.removeValue(forKey: identity) else { return nil }
            state.order.removeAll { $0 == identity }
            return entry.until > now ? entry.progress : nil
        }
    }

    func remember(_ batch: Batch, _ progress: Progress, at now: UInt64) {
        let identity = identity(of: batch)
        state.withLock { state in
            if state.entries[identity] == nil { state.order.append(identity) }
            state.entries[identity] = Entry(
                progress: progress, until: now &+ PartialDeliveries.lifetime)
            while state.order.count > PartialDeliveries.capacity {
                state.entries[state.order.removeFirst()] = nil
            }
        }
    }

    private func identity(of batch: Batch) -> Identity {
        var hash = KeyHash(seed: seed)
        for index in 0..<batch.partCount { hash.combine(batch.part(index)) }
        return Identity(
            hash: hash.finish(), byteCount: batch.byteCount, items: batch.items,
            signal: batch.signal)
    }
}
