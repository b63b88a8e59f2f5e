import CWeir
package import NIOCore

/// Memory that a plugin reads, or fills and then makes batches from. Its bytes are NIO's, so that a
/// request body becomes a batch, and a batch goes to a socket, without being copied.
///
/// The bytes are written by the plugin that asked for the buffer, before it makes a batch of it, and
/// by nobody afterwards (sdk/include/weir/batch.h).
@safe package final class HostBuffer: @unchecked Sendable {
    // @unchecked: written only before it is shared: see above
    package let bytes: ByteBuffer
    private let block: UnsafeMutablePointer<Block>
    private let budget: MemoryBudget

    /// What the plugin sees, and the way back to the object.
    @safe private struct Block {
        var abi: weir_buffer
        var owner: Unmanaged<HostBuffer>
    }

    package init(_ bytes: ByteBuffer, budget: MemoryBudget) {
        self.bytes = bytes
        self.budget = budget
        budget.add(bytes.storageCapacity)
        unsafe block = .allocate(capacity: 1)
        // The pointer outlives this closure: NIO's storage is on the heap, is never moved, and lives
        // as long as `bytes` does.
        let start = unsafe bytes.withUnsafeReadableBytes { $0.baseAddress }
        unsafe block.initialize(
            to: Block(
                abi: weir_buffer(
                    size: UInt32(MemoryLayout<weir_buffer>.size), reserved: 0,
                    data: UnsafeMutableRawPointer(mutating: start)?.assumingMemoryBound(
                        to: UInt8.self),
                    length: bytes.readableBytes),
                owner: Unmanaged.passUnretained(self)))
    }

    deinit {
        budget.remove(bytes.storageCapacity)
        unsafe block.deallocate()
    }

    /// A buffer of `length` bytes that hold nothing in particular.
    convenience init(length: Int, budget: MemoryBudget) {
        var bytes = ByteBufferAllocator().buffer(capacity: length)
        bytes.moveWriterIndex(to: length)
        self.init(bytes, budget: budget)
    }

    var pointer: UnsafeMutablePointer<weir_buffer> {
        unsafe UnsafeMutableRawPointer(block).assumingMemoryBound(to: weir_buffer.self)
    }

    static func from(_ pointer: UnsafePointer<weir_buffer>) -> HostBuffer {
        unsafe UnsafeRawPointer(pointer).assumingMemoryBound(to: Block.self).pointee.owner
            .takeUnretainedValue()
    }
}
