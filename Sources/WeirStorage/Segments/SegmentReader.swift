import CWeirSystem
import NIOCore

/// Reads single records.
enum SegmentReader {
    /// The body of a record, or `nil` if what lies there is not what was written.
    static func body(of entry: Catalogue.Entry, in file: OpenFile) throws(StorageError)
        -> ByteBuffer?
    {
        let start = try file.read(RecordHeader.size, at: entry.offset)
        guard let header = RecordHeader(start[...]), header.id == entry.id,
            header.length == entry.length
        else { return nil }
        let length = Int(header.length)
        var body = ByteBufferAllocator().buffer(capacity: length)
        var failure: StorageError?
        var sum: UInt32 = 0
        unsafe body.writeWithUnsafeMutableBytes(minimumWritableBytes: length) { memory in
            do throws(StorageError) {
                let room = unsafe UnsafeMutableRawBufferPointer(rebasing: memory[..<length])
                let count = unsafe try file.read(
                    into: room, at: entry.offset + UInt64(RecordHeader.size))
                sum = unsafe weir_crc32c(0, room.baseAddress, count)
                return count
            } catch {
                failure = error
                return 0
            }
        }
        if let failure { throw failure }
        return body.readableBytes == length && sum == header.bodySum ? body : nil
    }
}
