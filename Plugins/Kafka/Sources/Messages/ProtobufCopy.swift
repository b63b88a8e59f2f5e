import WeirTelemetry

/// The protobuf that a split request needs: fields are copied, lengths are anew.
extension [UInt8] {
    mutating func appendVarint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        append(UInt8(rest))
    }

    mutating func appendField(_ number: Int, _ content: RawSpan) {
        appendVarint(UInt64(number) << 3 | UInt64(WireType.bytes.rawValue))
        appendVarint(UInt64(content.byteCount))
        unsafe content.withUnsafeBytes { unsafe append(contentsOf: $0) }
    }

    mutating func appendField(_ number: Int, _ content: [UInt8]) {
        unsafe appendField(number, content.span.bytes)
    }

    /// All fields of a message but those with one number, which are its children.
    mutating func appendFields(of message: RawSpan, except number: Int) {
        var reader = WireReader(message)
        while let tag = reader.nextTag() {
            if tag.wireType == .bytes {
                guard let content = reader.readBytes() else { return }
                if tag.number != number { appendField(tag.number, content) }
                continue
            }
            let head = UInt64(tag.number) << 3 | UInt64(tag.wireType.rawValue)
            switch tag.wireType {
            case .varint:
                guard let value = reader.readVarint() else { return }
                appendVarint(head)
                appendVarint(value)
            case .fixed64:
                guard let value = reader.readFixed64() else { return }
                appendVarint(head)
                for shift in 0..<8 { append(UInt8(truncatingIfNeeded: value >> (shift * 8))) }
            case .fixed32:
                guard let value = reader.readFixed32() else { return }
                appendVarint(head)
                for shift in 0..<4 { append(UInt8(truncatingIfNeeded: value >> (shift * 8))) }
            case .bytes: break
            }
        }
    }
}
