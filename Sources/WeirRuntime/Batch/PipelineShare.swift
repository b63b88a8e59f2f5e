import Logging
import NIOCore
import Synchronization
import WeirConfig
import WeirTelemetry

/// What one pipeline may hold of the process's memory, and what it holds: the buffers of the batches
/// that have entered it and are not done with, and those that its processors made.
package final class PipelineShare: Sendable {
    /// A word to count by.
    static let reason = "pipeline_memory"

    /// "traces" or "traces/backend".
    package let pipeline: String
    /// For what its processors make.
    let budget: MemoryBudget
    /// Items that it had no room for, and whose senders were told so.
    package let refused = ItemCounter()
    private let whole: MemoryBudget
    private let time: any HostTime
    private let bell: RoomBell
    private let rate = Mutex(DrainRate())
    private let logger: Logger
    private let warning = SparseWarning()
    // Int.max and 0: there is no such limit.
    private let bytes = Atomic<Int>(.max)
    private let percentage = Atomic<Int>(0)

    init(
        _ pipeline: String, of whole: MemoryBudget, time: any HostTime, bell: RoomBell,
        logger: Logger
    ) {
        self.pipeline = pipeline
        self.whole = whole
        self.time = time
        self.bell = bell
        self.logger = logger
        budget = MemoryBudget(of: whole)
    }

    /// In bytes; `nil`: as much as the process.
    package var limit: Int? {
        let bytes = bytes.load(ordering: .relaxed)
        let percentage = percentage.load(ordering: .relaxed)
        if percentage > 0 { return min(bytes, whole.limit / 100 * percentage) }
        return bytes == .max ? nil : bytes
    }

    package var used: Int { budget.used }

    func limit(to memory: PipelineMemory?) {
        bytes.store(memory?.limit ?? .max, ordering: .relaxed)
        percentage.store(memory?.percentage ?? 0, ordering: .relaxed)
    }

    /// Whether it would let in so many bytes now. A pipeline that holds nothing takes any batch: one
    /// that is larger than its share would come again for ever.
    func hasRoom(for bytes: Int) -> Bool {
        guard let limit else { return true }
        let used = used
        return used <= 0 || bytes <= limit - used
    }

    /// Lets a batch in; `nil` if there is no room.
    func charge(_ bytes: Int) -> MemoryCharge? {
        let held = budget.addHere(bytes)
        guard held > bytes, let limit, held > limit else { return MemoryCharge(bytes, of: self) }
        budget.removeHere(bytes)
        return nil
    }

    /// Gives back what a batch held.
    fileprivate func discharge(_ bytes: Int) {
        budget.removeHere(bytes)
        let now = time.monotonicNano
        rate.withLock { $0.delivered(bytes: bytes, atNano: now) }
        bell.ring()
    }

    /// When there is likely to be room, from how fast the pipeline has been emptying.
    var retryAfterNano: UInt64 { rate.withLock { $0.retryAfterNano(bytes: used) } }

    var refusal: String {
        "pipeline \(pipeline) holds \(used) bytes of telemetry, of \(limit ?? whole.limit) that it may"
    }

    /// Says that somebody was told to come again.
    ///
    /// - Parameter peer: who, where that is known.
    func refused(_ peer: String? = nil) {
        warning.warn(
            logger,
            "\(refusal) (service.pipelines.\(pipeline).memory): its senders are told to come again; "
                + "see why its sinks are slow, or give it more",
            peer: peer)
    }
}

/// What one batch holds of a pipeline's share, for as long as it lives.
final class MemoryCharge: Sendable {
    private let bytes: Atomic<Int>
    private let share: PipelineShare

    fileprivate init(_ bytes: Int, of share: PipelineShare) {
        self.bytes = Atomic(bytes)
        self.share = share
    }

    /// Nobody kept the batch: that makes no room for those who wait, and says nothing of the pace.
    func cancel() { share.budget.removeHere(bytes.exchange(0, ordering: .relaxed)) }

    deinit {
        let bytes = bytes.load(ordering: .relaxed)
        if bytes > 0 { share.discharge(bytes) }
    }
}

/// The shares of all pipelines there are, and of those there were.
package final class PipelineShares: Sendable {
    private let whole: MemoryBudget
    private let time: any HostTime
    private let bell: RoomBell
    private let logger: Logger
    private let shares = Mutex<[String: PipelineShare]>([:])
    private let limits = Atomic<Bool>(false)

    init(of whole: MemoryBudget, time: any HostTime, bell: RoomBell, logger: Logger) {
        self.whole = whole
        self.time = time
        self.bell = bell
        self.logger = logger
    }

    /// Whether any pipeline has a limit of its own.
    var haveLimits: Bool { limits.load(ordering: .relaxed) }

    func share(of pipeline: String) -> PipelineShare {
        shares.withLock { shares in
            if let share = shares[pipeline] { return share }
            let share = PipelineShare(
                pipeline, of: whole, time: time, bell: bell, logger: logger)
            shares[pipeline] = share
            return share
        }
    }

    /// Puts limits in force; a pipeline that is not named has none.
    func apply(_ memory: [String: PipelineMemory]) {
        for pipeline in memory.keys { _ = share(of: pipeline) }
        shares.withLock { shares in
            for (pipeline, share) in shares { share.limit(to: memory[pipeline]) }
        }
        limits.store(!memory.isEmpty, ordering: .relaxed)
    }

    /// Those with a limit, by name.
    package var limited: [PipelineShare] {
        shares.withLock { Array($0.values) }.filter { $0.limit != nil }
            .sorted { $0.pipeline < $1.pipeline }
    }
}

extension HostBatch {
    /// The same bytes, holding something of a pipeline's share as long as anything of them is there.
    func charged(_ charge: MemoryCharge) -> HostBatch {
        HostBatch(
            signal: signal, items: items, parts: parts, owners: [self, charge], viewOf: self)
    }

    /// What it keeps in memory: of a batch that is a whole buffer, the buffer's capacity.
    var heldBytes: Int {
        guard owners.count == 1, let buffer = owners[0] as? HostBuffer, parts.count == 1,
            parts[0].readableBytes == buffer.bytes.readableBytes
        else { return byteCount }
        return buffer.bytes.storageCapacity
    }
}
