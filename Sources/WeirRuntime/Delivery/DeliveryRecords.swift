import NIOCore
import Synchronization

/// Which of several consumers have a batch that others did not take: what comes again, as the same
/// batch or as the same bytes from a client that was told to come back, goes to the others alone.
///
/// Bounded in number and in time. What is remembered is a hash, of 64 bits with a seed of this
/// process, beside the length and the items: no sender can make two requests that look the same.
final class DeliveryRecords: Sendable {
    struct Key: Hashable, Sendable {
        let hash: UInt64
        let bytes: Int
        let items: Int
    }

    /// Who has it, as bits, and how it stands with it there, where somebody waits.
    struct Record: Sendable {
        var taken: UInt64 = 0
        var fates: [BatchFate] = []
    }

    private struct Entry {
        var record: Record
        var nano: UInt64
    }

    private struct State {
        var entries: [Key: Entry] = [:]
        var sweptNano: UInt64 = 0
    }

    /// Never that of another one: batches keep it for longer than this lives.
    let number = DeliveryRecords.last.add(1, ordering: .relaxed).newValue
    private static let last = Atomic<UInt64>(0)
    private let limit: Int
    private let lifetime: UInt64
    private let time: any HostTime
    private let state = Mutex(State())
    private let count = Atomic<Int>(0)

    init(time: any HostTime, limit: Int = 65_536, lifetime: UInt64 = 600_000_000_000) {
        self.time = time
        self.limit = limit
        self.lifetime = lifetime
    }

    var isEmpty: Bool { count.load(ordering: .relaxed) == 0 }
    /// Whether nothing more can be remembered until something has ended.
    var isFull: Bool { count.load(ordering: .relaxed) >= limit }

    /// What is known of it.
    func record(_ key: Key) -> Record {
        let now = time.monotonicNano
        return state.withLock { state in
            sweep(&state, now)
            guard let entry = state.entries[key], now < entry.nano &+ lifetime else {
                return Record()
            }
            return entry.record
        }
    }

    /// Says who has it now, and adds how it stands with it.
    func note(_ key: Key, _ record: Record) {
        let now = time.monotonicNano
        state.withLock { state in
            sweep(&state, now)
            guard state.entries.count < limit || state.entries[key] != nil else { return }
            var record = record
            record.fates = (state.entries[key]?.record.fates ?? []) + record.fates
            state.entries[key] = Entry(record: record, nano: now)
            count.store(state.entries.count, ordering: .relaxed)
        }
    }

    func remove(_ key: Key) {
        state.withLock { state in
            guard state.entries.removeValue(forKey: key) != nil else { return }
            count.store(state.entries.count, ordering: .relaxed)
        }
    }

    /// Forgets what nobody came back for, now and then.
    private func sweep(_ state: inout sending State, _ now: UInt64) {
        let interval = state.entries.count < limit ? lifetime / 10 : 1_000_000_000
        guard now >= state.sweptNano &+ interval else { return }
        state.sweptNano = now
        state.entries = state.entries.filter { now < $0.value.nano &+ lifetime }
        count.store(state.entries.count, ordering: .relaxed)
    }
}

/// The same, kept on a batch: for one who holds it and emits it again.
final class PartialDelivery: Sendable {
    struct Note: Sendable {
        let key: DeliveryRecords.Key
        var taken: UInt64
    }

    private struct State: Sendable {
        /// By the fan-out: a batch may pass several.
        var notes: [UInt64: Note] = [:]
        var key: DeliveryRecords.Key?
    }

    private let state = Mutex(State())

    subscript(records: DeliveryRecords) -> Note? {
        get { state.withLock { $0.notes[records.number] } }
        set { state.withLock { $0.notes[records.number] = newValue } }
    }

    /// What the batch is known by, made once.
    func key(_ make: () -> DeliveryRecords.Key) -> DeliveryRecords.Key {
        if let known = state.withLock({ $0.key }) { return known }
        let key = make()
        state.withLock { $0.key = key }
        return key
    }
}

extension HostBatch {
    /// What it is known by when it comes again. Reads all of it, once.
    var deliveryKey: DeliveryRecords.Key { makePartial().key { makeDeliveryKey() } }

    private func makeDeliveryKey() -> DeliveryRecords.Key {
        var hasher = Hasher()
        for part in parts {
            unsafe part.withUnsafeReadableBytes { unsafe hasher.combine(bytes: $0) }
        }
        return DeliveryRecords.Key(
            hash: UInt64(bitPattern: Int64(hasher.finalize())), bytes: byteCount, items: items)
    }

    /// How it stands with it, for those who wait.
    var fates: [BatchFate] {
        var fates: [BatchFate] = []
        eachAcknowledgement { fates.append($0.fate) }
        return fates
    }

    /// Makes those who wait for this batch wait for earlier ones, too. False: one of those will not
    /// be delivered.
    func follow(_ fates: [BatchFate]) -> Bool {
        var isGood = true
        for fate in fates {
            eachAcknowledgement { if !fate.hold($0) { isGood = false } }
        }
        return isGood
    }

    /// Who has it already, if it has been at this fan-out before.
    func note(of records: DeliveryRecords) -> PartialDelivery.Note? { partial?[records] }

    func note(_ note: PartialDelivery.Note?, for records: DeliveryRecords) {
        if note == nil, partial == nil { return }
        makePartial()[records] = note
    }
}
