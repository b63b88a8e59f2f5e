import NIOCore

/// Counts the items of a request by walking over its wire format; nothing is decoded.
enum ItemCount {
    /// Leaves lie at resource (1) → scope (2) → record (2); a metric's points one level below.
    static func items(of signal: PayloadSignal, in body: ByteBuffer) -> Int {
        var count = 0
        forEachMessage(body) { number, group in
            guard number == 1 else { return }
            forEachMessage(group) { number, scope in
                guard number == 2 else { return }
                forEachMessage(scope) { number, record in
                    guard number == 2 else { return }
                    count += signal == .metrics ? points(of: record) : 1
                }
            }
        }
        return count
    }

    /// Samples of a remote write request, 1.0 (series 1, samples 2) or 2.0 (series 5, samples 2).
    static func samples(in body: ByteBuffer) -> Int {
        var count = 0
        forEachMessage(body) { number, series in
            guard number == 1 || number == 5 else { return }
            forEachMessage(series) { number, _ in if number == 2 { count += 1 } }
        }
        return count
    }

    private static func points(of metric: ByteBuffer) -> Int {
        var count = 0
        forEachMessage(metric) { number, data in
            guard [5, 7, 9, 10, 11].contains(number) else { return }
            forEachMessage(data) { number, _ in if number == 1 { count += 1 } }
        }
        return count
    }

    /// Calls `body` for each length-delimited field, and stops at what is not protobuf.
    private static func forEachMessage(
        _ message: ByteBuffer, _ body: (_ number: UInt64, _ content: ByteBuffer) -> Void
    ) {
        var message = message
        while message.readableBytes > 0 {
            guard let tag = message.readVarint() else { return }
            switch tag & 7 {
            case 0: guard message.readVarint() != nil else { return }
            case 1: guard message.readBytesSkipping(8) else { return }
            case 5: guard message.readBytesSkipping(4) else { return }
            case 2:
                guard let length = message.readVarint(),
                    let content = message.readSlice(length: Int(clamping: length))
                else { return }
                body(tag >> 3, content)
            default: return
            }
        }
    }
}

extension ByteBuffer {
    fileprivate mutating func readVarint() -> UInt64? {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 7) {
            guard let byte: UInt8 = readInteger() else { return nil }
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
        }
        return nil
    }

    fileprivate mutating func readBytesSkipping(_ count: Int) -> Bool {
        guard readableBytes >= count else { return false }
        moveReaderIndex(forwardBy: count)
        return true
    }
}
