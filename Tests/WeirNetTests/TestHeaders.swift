import NIOCore
import NIOHPACK

/// Reads header blocks of one connection, in order.
struct TestHeaders {
    private var decoder = HPACKDecoder(allocator: ByteBufferAllocator())

    mutating func decode(_ block: [UInt8]) throws -> [String: String] {
        var bytes = ByteBuffer(bytes: block)
        var found: [String: String] = [:]
        for field in try decoder.decodeHeaders(from: &bytes) { found[field.name] = field.value }
        return found
    }
}
