import CWeir
package import NIOCore
import Synchronization
import WeirTelemetry

/// Telemetry in flight (sdk/include/weir/batch.h). Immutable; every part is a complete request.
@safe package final class HostBatch: @unchecked Sendable {  // immutable after init
    package let signal: Signal
    package let items: Int
    package let byteCount: Int
    package let parts: [ByteBuffer]
    /// What keeps the memory accounted for, and the ancestry of an acknowledgement.
    let owners: [AnyObject]
    /// Who waits for what becomes of it: nobody, most of the time.
    let watcher = OnceReference<Acknowledgement>()
    /// Who has taken it where others have not: unknown, most of the time.
    private let ownPartial = OnceReference<PartialDelivery>()
    /// The batch of the same bytes, of which this is another view.
    private let original: HostBatch?
    /// Somebody was told that there is no room for it, and has counted it.
    let wasRefused = Atomic<Bool>(false)
    private let block: UnsafeMutableRawPointer

    /// What plugins see, and the way back to the object. The table of parts follows it in memory.
    @safe private struct Block {
        var abi: weir_batch
        var owner: Unmanaged<HostBatch>
    }

    package init(
        signal: Signal, items: Int, parts: [ByteBuffer], owners: [AnyObject], flags: Int32 = 0,
        viewOf original: HostBatch? = nil
    ) {
        self.original = original?.original ?? original
        self.signal = signal
        self.items = items
        self.parts = parts
        self.owners = owners
        let tableOffset = MemoryLayout<Block>.stride
        unsafe block = UnsafeMutableRawPointer.allocate(
            byteCount: tableOffset + parts.count * MemoryLayout<weir_slice>.stride, alignment: 8)
        let table = unsafe (block + tableOffset).bindMemory(
            to: weir_slice.self, capacity: parts.count)
        var bytes = 0
        for index in parts.indices {
            // Outlives the closure as in HostBuffer: the storage is on the heap and never moves.
            unsafe parts[index].withUnsafeReadableBytes { part in
                unsafe (table + index).initialize(
                    to: weir_slice(
                        data: part.baseAddress?.assumingMemoryBound(to: UInt8.self),
                        length: part.count))
                bytes += part.count
            }
        }
        byteCount = bytes
        unsafe block.bindMemory(to: Block.self, capacity: 1).initialize(
            to: Block(
                abi: weir_batch(
                    size: UInt32(MemoryLayout<weir_batch>.size), signal: signal.rawValue,
                    items: UInt64(items), bytes: UInt64(bytes), parts: table,
                    part_count: UInt32(parts.count), flags: UInt32(flags)),
                owner: Unmanaged.passUnretained(self)))
    }

    deinit { unsafe block.deallocate() }

    /// False: somebody watches it already.
    func watch(_ acknowledgement: Acknowledgement) -> Bool {
        watcher.storeIfNil(acknowledgement) === acknowledgement
    }

    /// What tells it and its views from all others that are there.
    var identity: UInt { UInt(bitPattern: ObjectIdentifier(original ?? self)) }

    /// Who has taken it where others have not, if it has been at a place where ways part.
    var partial: PartialDelivery? { (original ?? self).ownPartial.load() }

    /// The same, to be written to.
    func makePartial() -> PartialDelivery {
        let owner = original ?? self
        return owner.ownPartial.load() ?? owner.ownPartial.storeIfNil(PartialDelivery())
    }

    /// The same bytes, for a component that has passed them on before, and was told RETRY.
    func comingAgain() -> HostBatch {
        HostBatch(
            signal: signal, items: items, parts: parts, owners: [self],
            flags: WEIR_BATCH_COMES_AGAIN, viewOf: self)
    }

    var pointer: UnsafePointer<weir_batch> {
        unsafe UnsafePointer(block.assumingMemoryBound(to: weir_batch.self))
    }

    static func from(_ pointer: UnsafePointer<weir_batch>) -> HostBatch {
        unsafe UnsafeRawPointer(pointer).assumingMemoryBound(to: Block.self).pointee.owner
            .takeUnretainedValue()
    }
}
