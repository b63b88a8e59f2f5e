import WeirTelemetry

// Both messages have the same fields, but for the start timestamp, which only 2.0 has.
extension NativeHistogram {
    /// Reads the content of a message; `nil` if it is malformed.
    public init?(_ bytes: RawSpan) {
        var reader = WireReader(bytes)
        while let tag = reader.nextTag() {
            guard read(tag, &reader) else { return nil }
        }
        guard reader.isAtEnd else { return nil }
    }

    @_lifetime(reader: copy reader)
    private mutating func read(_ tag: WireReader.Tag, _ reader: inout WireReader) -> Bool {
        switch (tag.number, tag.wireType) {
        case (8, .bytes), (11, .bytes):
            guard let content = reader.readBytes(), let span = Span(content) else { return false }
            if tag.number == 8 { negative.spans.append(span) } else { positive.spans.append(span) }
        case (9, .bytes): return reader.readPacked(zigZag: &negative.deltas)
        case (12, .bytes): return reader.readPacked(zigZag: &positive.deltas)
        case (10, .bytes): return reader.readPacked(doubles: &negative.counts)
        case (13, .bytes): return reader.readPacked(doubles: &positive.counts)
        case (16, .bytes): return reader.readPacked(doubles: &customValues)
        case (_, .varint):
            guard let value = reader.readVarint() else { return false }
            take(tag.number, value)
        case (_, .fixed64):
            guard let value = reader.readDouble() else { return false }
            take(tag.number, value)
        default: return reader.skip(tag)
        }
        return true
    }

    private mutating func take(_ number: Int, _ value: UInt64) {
        switch number {
        case 1: count = .int(value)
        case 4: schema = Int32(truncatingIfNeeded: zigZag(value))
        case 6: zeroCount = .int(value)
        case 9: negative.deltas.append(zigZag(value))
        case 12: positive.deltas.append(zigZag(value))
        case 14: resetHint = ResetHint(rawValue: value) ?? .unknown
        case 15: timestamp = Int64(bitPattern: value)
        case 17: start = Int64(bitPattern: value)
        default: break
        }
    }

    private mutating func take(_ number: Int, _ value: Double) {
        switch number {
        case 2: count = .float(value)
        case 3: sum = value
        case 5: zeroThreshold = value
        case 7: zeroCount = .float(value)
        case 10: negative.counts.append(value)
        case 13: positive.counts.append(value)
        case 16: customValues.append(value)
        default: break
        }
    }

    /// The content of a message, without the start timestamp.
    public func encoded() -> [UInt8] {
        var bytes: [UInt8] = []
        switch count {
        case .int(let value): bytes.appendField(1, varint: value)
        case .float(let value): bytes.appendField(2, fixed64: value.bitPattern)
        }
        bytes.appendField(3, fixed64: sum.bitPattern)
        bytes.appendNonZero(4, varint: zigZag(Int64(schema)))
        bytes.appendNonZero(5, fixed64: zeroThreshold.bitPattern)
        switch zeroCount {
        case .int(let value): bytes.appendField(6, varint: value)
        case .float(let value): bytes.appendField(7, fixed64: value.bitPattern)
        }
        negative.append(to: &bytes, spans: 8, deltas: 9, counts: 10)
        positive.append(to: &bytes, spans: 11, deltas: 12, counts: 13)
        bytes.appendNonZero(14, varint: resetHint.rawValue)
        bytes.appendNonZero(15, varint: UInt64(bitPattern: timestamp))
        bytes.appendPacked(16, customValues)
        return bytes
    }
}

extension NativeHistogram.Buckets {
    fileprivate func append(to bytes: inout [UInt8], spans: Int, deltas: Int, counts: Int) {
        for span in self.spans {
            bytes.appendMessage(spans) { message in
                message.appendNonZero(1, varint: zigZag(Int64(span.offset)))
                message.appendNonZero(2, varint: UInt64(span.length))
            }
        }
        if !self.deltas.isEmpty {
            bytes.appendMessage(deltas) { list in
                for delta in self.deltas { list.appendVarint(zigZag(delta)) }
            }
        }
        bytes.appendPacked(counts, self.counts)
    }
}

extension NativeHistogram.Span {
    fileprivate init?(_ bytes: RawSpan) {
        self.init(offset: 0, length: 0)
        var reader = WireReader(bytes)
        while let tag = reader.nextTag() {
            guard tag.wireType == .varint, let value = reader.readVarint() else {
                if tag.wireType != .varint, reader.skip(tag) { continue }
                return nil
            }
            if tag.number == 1 { offset = Int32(truncatingIfNeeded: zigZag(value)) }
            if tag.number == 2 { length = UInt32(truncatingIfNeeded: value) }
        }
        guard reader.isAtEnd else { return nil }
    }
}

extension WireReader {
    @_lifetime(self: copy self)
    fileprivate mutating func readPacked(zigZag values: inout [Int64]) -> Bool {
        guard let content = readBytes() else { return false }
        var list = WireReader(content)
        while list.position < list.end {
            guard let value = list.readVarint() else { return false }
            values.append(WeirPrometheus.zigZag(value))
        }
        return true
    }

    @_lifetime(self: copy self)
    fileprivate mutating func readPacked(doubles values: inout [Double]) -> Bool {
        guard let content = readBytes(), content.byteCount % 8 == 0 else { return false }
        var list = WireReader(content)
        while let value = list.readDouble() { values.append(value) }
        return true
    }
}

extension [UInt8] {
    fileprivate mutating func appendPacked(_ number: Int, _ values: [Double]) {
        guard !values.isEmpty else { return }
        appendMessage(number) { list in
            for value in values { list.appendFixed64(value.bitPattern) }
        }
    }

    mutating func appendNonZero(_ number: Int, varint value: UInt64) {
        if value != 0 { appendField(number, varint: value) }
    }

    mutating func appendNonZero(_ number: Int, fixed64 value: UInt64) {
        if value != 0 { appendField(number, fixed64: value) }
    }
}

func zigZag(_ value: Int64) -> UInt64 { UInt64(bitPattern: value << 1 ^ value >> 63) }
func zigZag(_ raw: UInt64) -> Int64 { Int64(bitPattern: raw >> 1) ^ -Int64(bitPattern: raw & 1) }
