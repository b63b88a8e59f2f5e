import CWeir
import CWeirSystem

/// What follows a component, for one signal.
///
/// Of several, none holds up the others: each gets the batch as soon as it takes it. If one does
/// not, the sender is told so and comes again, and those who have the batch are left out then.
struct Outputs: Sendable {
    let consumers: [any Consumer]
    /// Who has what; `nil`: there has been one consumer, or more than the bits of a record.
    private let records: DeliveryRecords?
    /// The bit of each consumer there, and how many have been given out.
    private let bits: [UInt64]
    private let bitCount: Int

    /// - Parameter former: what these take the place of. Those who stay still have what they had.
    init(_ consumers: [any Consumer], time: any HostTime, after former: Outputs = Outputs()) {
        self.consumers = consumers
        // A bit is never given to another one: it would seem to have what the first one had.
        var (bits, bitCount) = ([UInt64](), former.records == nil ? 0 : former.bitCount)
        for consumer in consumers {
            let known = former.consumers.firstIndex { $0 === consumer }
            if former.records != nil, let known {
                bits.append(former.bits[known])
            } else {
                bits.append(1 << UInt64(bitCount))
                bitCount += 1
            }
        }
        if bitCount > 64 {
            bits = consumers.indices.map { 1 << UInt64($0) }
            bitCount = consumers.count
            records = bitCount <= 64 ? DeliveryRecords(time: time) : nil
        } else {
            records = former.records ?? (bitCount > 1 ? DeliveryRecords(time: time) : nil)
        }
        (self.bits, self.bitCount) = (bits, bitCount)
    }

    /// Nothing follows.
    init() {
        consumers = []
        records = nil
        (bits, bitCount) = ([], 0)
    }

    /// Whether these are the consumers, in this order.
    func leads(to others: [any Consumer]) -> Bool {
        consumers.count == others.count && zip(consumers, others).allSatisfy { $0 === $1 }
    }

    var isEmpty: Bool { consumers.isEmpty }

    /// For how long senders are to wait for room, in nanoseconds.
    var patience: UInt64 {
        consumers.lazy.filter(\.isRequired).map(\.patience).max() ?? 0
    }

    /// Whether it makes no sense to try again.
    static func isFinal(_ status: weir_status) -> Bool {
        switch status {
        case Status.refused, Status.unsupported, Status.invalid: true
        default: false
        }
    }

    func take(_ batch: HostBatch, error: UnsafeMutablePointer<weir_error>) -> weir_status {
        guard let records else {
            return consumers.count == 1
                ? unsafe give(batch, to: consumers[0], error) : unsafe takeByAll(batch, error)
        }
        var note = batch.note(of: records)
        if note == nil, records.isFull { return unsafe takeByAll(batch, error) }
        if note == nil, !records.isEmpty {
            let key = batch.deliveryKey
            let record = records.record(key)
            // What a sink gave up after it had taken it is to be sent again.
            let isGood = batch.follow(record.fates)
            if !isGood { records.remove(key) }
            note = .init(key: key, taken: isGood ? record.taken : 0)
        }
        let before = note?.taken ?? 0
        let (status, taken, isSplit) = unsafe offer(batch, without: before, error)
        if isSplit { weir_call_count_splits(weir_call_splits() + 1) }
        if taken == before, before == 0 || !Self.isEnd(status) { return status }
        if Self.isEnd(status) {
            // Nobody comes again with it.
            if before != 0, let note {
                records.remove(note.key)
                batch.note(nil, for: records)
            }
        } else {
            let note = PartialDelivery.Note(key: note?.key ?? batch.deliveryKey, taken: taken)
            // Those who wait are known from the first time that somebody took it from this batch.
            let fates = taken == before ? [] : batch.fates
            records.note(note.key, .init(taken: taken, fates: fates))
            batch.note(note, for: records)
        }
        return status
    }

    /// Whether nobody comes again with it.
    static func isEnd(_ status: weir_status) -> Bool {
        status == Status.ok || isFinal(status)
    }

    /// Hands the batch to those who do not have it yet; says who has it then, and whether it is to
    /// come again because of some alone.
    private func offer(
        _ batch: HostBatch, without before: UInt64, _ error: UnsafeMutablePointer<weir_error>
    ) -> (weir_status, taken: UInt64, isSplit: Bool) {
        var taken = before
        var isDone = before != 0
        var worst = Status.ok
        var kept: weir_error?
        for (consumer, bit) in zip(consumers, bits) where before & bit == 0 {
            let status = unsafe give(batch, to: consumer, error)
            if Self.isEnd(status) { isDone = true }
            if status == Status.ok {
                taken |= bit
            } else if worst == Status.ok || Self.isFinal(worst) && !Self.isFinal(status) {
                // What comes back later may still get through: RETRY outweighs REFUSED.
                worst = status
                kept = unsafe error.pointee
            }
        }
        if let kept { unsafe error.pointee = kept }
        return (worst, taken, isDone && !Self.isEnd(worst))
    }

    /// Where nothing can be remembered, all are asked first. Should one still refuse, because it
    /// filled up in between, those who have taken the batch will see it twice: at least once beats
    /// lost.
    private func takeByAll(
        _ batch: HostBatch, _ error: UnsafeMutablePointer<weir_error>
    ) -> weir_status {
        let check = unsafe wouldTake(batch, error: error)
        guard check == Status.ok else { return check }
        var worst = Status.ok
        var kept = weir_error.make()
        for consumer in consumers {
            let status = unsafe give(batch, to: consumer, error)
            if status != Status.ok, worst == Status.ok || Self.isFinal(worst) {
                worst = status
                kept = unsafe error.pointee
            }
        }
        if worst != Status.ok { unsafe error.pointee = kept }
        return worst
    }

    /// Nobody is kept waiting by one whom they do not wait for, and nobody overtakes.
    private func give(
        _ batch: HostBatch, to consumer: any Consumer, _ error: UnsafeMutablePointer<weir_error>
    ) -> weir_status {
        let given = consumer.isRequired ? batch : batch.detached()
        guard let refusals = Refusals.current else {
            return unsafe consumer.take(given, error: error)
        }
        if let refusal = refusals.refusal(of: consumer) {
            unsafe error.pointee = refusal
            return Status.retry
        }
        let splits = weir_call_splits()
        let status = unsafe consumer.take(given, error: error)
        if status == Status.retry, splits == weir_call_splits() {
            unsafe refusals.add(consumer, error.pointee)
        }
        return status
    }

    func wouldTake(_ batch: HostBatch, error: UnsafeMutablePointer<weir_error>) -> weir_status {
        for consumer in consumers where consumer.isRequired {
            let status = unsafe consumer.wouldTake(batch, error: error)
            if status != Status.ok { return status }
        }
        return Status.ok
    }
}
