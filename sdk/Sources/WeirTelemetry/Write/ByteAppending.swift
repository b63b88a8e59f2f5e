// Protobuf fields at the end of a buffer, with minimal varints.
extension [UInt8] {
    @inlinable
    package mutating func appendVarint(_ value: UInt64) {
        var value = value
        while value >= 0x80 {
            append(UInt8(truncatingIfNeeded: value) | 0x80)
            value >>= 7
        }
        append(UInt8(truncatingIfNeeded: value))
    }

    @inlinable
    package mutating func appendTag(_ number: Int, _ type: WireType) {
        appendVarint(UInt64(number) << 3 | UInt64(type.rawValue))
    }

    package mutating func appendFixed64(_ value: UInt64) {
        var value = value.littleEndian
        unsafe Swift.withUnsafeBytes(of: &value) { unsafe append(contentsOf: $0) }
    }

    package mutating func appendField(_ number: Int, varint value: UInt64) {
        appendTag(number, .varint)
        appendVarint(value)
    }

    package mutating func appendField(_ number: Int, fixed64 value: UInt64) {
        appendTag(number, .fixed64)
        appendFixed64(value)
    }

    package mutating func appendField(_ number: Int, fixed32 value: UInt32) {
        appendTag(number, .fixed32)
        var value = value.littleEndian
        unsafe Swift.withUnsafeBytes(of: &value) { unsafe append(contentsOf: $0) }
    }

    package mutating func appendField(_ number: Int, _ text: String) {
        appendTag(number, .bytes)
        appendVarint(UInt64(text.utf8.count))
        append(contentsOf: text.utf8)
    }

    package mutating func appendField(_ number: Int, _ bytes: [UInt8]) {
        appendTag(number, .bytes)
        appendVarint(UInt64(bytes.count))
        append(contentsOf: bytes)
    }

    package mutating func append(contentsOf bytes: RawSpan) {
        unsafe bytes.withUnsafeBytes { unsafe append(contentsOf: $0) }
    }

    /// A message whose size is known only when it has been written: one byte is set aside for its
    /// length, and what was written moves up in the rare case that more are needed.
    @inlinable
    package mutating func appendMessage<E: Error>(
        _ number: Int, _ body: (inout [UInt8]) throws(E) -> Void
    ) throws(E) {
        appendTag(number, .bytes)
        let start = beginLength()
        try body(&self)
        endLength(start)
    }

    /// Sets a byte aside for a length; `endLength` with the result fills it in.
    @inlinable
    package mutating func beginLength() -> Int {
        append(0)
        return count
    }

    @inlinable
    package mutating func endLength(_ start: Int) {
        let length = count - start
        if length < 0x80 {
            self[start - 1] = UInt8(truncatingIfNeeded: length)
        } else {
            moveForLength(start)
        }
    }

    @usableFromInline
    mutating func moveForLength(_ start: Int) {
        let length = count - start
        let extra = varintSize(UInt64(length)) - 1
        append(contentsOf: repeatElement(0, count: extra))
        unsafe withUnsafeMutableBytes { buffer in
            let content = unsafe buffer.baseAddress! + start
            unsafe (content + extra).copyMemory(from: content, byteCount: length)
            var value = length
            var at = start - 1
            while value >= 0x80 {
                unsafe buffer[at] = UInt8(truncatingIfNeeded: value) | 0x80
                value >>= 7
                at += 1
            }
            unsafe buffer[at] = UInt8(value)
        }
    }
}
