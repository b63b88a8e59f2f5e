package import WeirSDK

/// What is written for one batch: bytes that stand first, then the batch as it is.
package struct Record {
    var head: [UInt8]
    var batch: Batch?

    /// A line, or anything else that is in memory.
    package init(_ bytes: [UInt8]) { head = bytes }

    /// The batch's protobuf bytes with their length before them; `nil` if 4 bytes cannot say it.
    package init?(lengthPrefixed batch: Batch) {
        guard let length = UInt32(exactly: batch.byteCount) else { return nil }
        head = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: length >> $0) }
        self.batch = batch
    }

    var count: Int { head.count + (batch?.byteCount ?? 0) }
}
