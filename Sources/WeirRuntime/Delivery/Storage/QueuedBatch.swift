import NIOCore
import WeirStorage
import WeirTelemetry

/// A batch that waits for its turn: in memory, on disk, or both.
struct QueuedBatch: Sendable {
    /// `nil`: on disk alone, to be read back.
    var batch: HostBatch?
    /// Its number in the durable queue; `nil`: in memory alone.
    var record: UInt64?
    let signal: Signal
    let items: Int
    let byteCount: Int
    /// When it was stored; 0: it was not.
    var storedNano: UInt64 = 0
    /// Its body leaves the memory once it is on disk.
    var isTransient = false
    /// What is left of a batch that was refused as a whole and of which this is a piece.
    private(set) var bisection: Bisection?
    /// Those who wait for its delivery, while the body is not in memory.
    private(set) var acknowledgements: [Acknowledgement] = []

    init(_ batch: HostBatch) {
        self.batch = batch
        signal = batch.signal
        items = batch.items
        byteCount = batch.byteCount
    }

    /// To be begun anew.
    init(_ work: DeliveryWork) {
        self.init(work.batch)
        record = work.record
        storedNano = work.storedNano
        bisection = work.bisection
    }

    /// `nil`: of no signal that there is.
    init?(_ found: QueueRecord) {
        guard let signal = Signal(rawValue: UInt32(found.signal)) else { return nil }
        self.signal = signal
        record = found.id
        items = found.items
        byteCount = found.byteCount
        storedNano = found.unixNano
    }

    /// Keeps who waits for it, not its body.
    mutating func leaveMemory() {
        batch?.eachAcknowledgement { acknowledgements.append($0) }
        batch = nil
        isTransient = false
    }

    /// Its body is back.
    mutating func enterMemory(_ bytes: ByteBuffer, budget: MemoryBudget) {
        batch = HostBatch(
            signal: signal, items: items, parts: [bytes],
            owners: [HostBuffer(bytes, budget: budget)] + acknowledgements)
        acknowledgements = []
    }

    /// It, and what is left of the batch that it is of.
    var pieces: [QueuedBatch] {
        guard let bisection else { return [self] }
        return [self] + bisection.rest.map { QueuedBatch($0) }
    }

    /// Tells those who wait for it.
    func fail(_ failure: Acknowledgement.Failure) {
        batch?.fail(failure)
        for waiting in acknowledgements { waiting.fail(failure) }
    }

    /// What it takes of the memory that is set aside for bodies that are also on disk.
    var cachedBytes: Int { batch == nil || isTransient ? 0 : byteCount }
}
