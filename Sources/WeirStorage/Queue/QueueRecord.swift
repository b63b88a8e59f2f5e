import NIOCore

/// One batch in a durable queue.
package struct QueueRecord: Sendable, Equatable {
    /// Grows from record to record.
    package let id: UInt64
    /// As in sdk/include/weir/types.h.
    package let signal: UInt8
    package let items: Int
    package let byteCount: Int
    /// When it was stored.
    package let unixNano: UInt64

    package init(id: UInt64, signal: UInt8, items: Int, byteCount: Int, unixNano: UInt64) {
        self.id = id
        self.signal = signal
        self.items = items
        self.byteCount = byteCount
        self.unixNano = unixNano
    }
}

/// A record that is to be written.
struct QueueAppend: Sendable {
    typealias Completion = @Sendable (UInt64, StorageError?) -> Void

    let record: QueueRecord
    let parts: [ByteBuffer]
    let completion: Completion
    /// Removed before it was written.
    var isCancelled = false

    var diskBytes: UInt64 { UInt64(record.byteCount + RecordHeader.size) }

    func end(_ error: StorageError? = nil) { completion(record.id, error) }

    var body: ByteBuffer {
        if parts.count == 1 { return parts[0] }
        var body = ByteBufferAllocator().buffer(capacity: record.byteCount)
        for part in parts { body.writeImmutableBuffer(part) }
        return body
    }
}
