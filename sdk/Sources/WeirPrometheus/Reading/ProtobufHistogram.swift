import WeirTelemetry

extension NativeHistogram {
    /// The native part of an `io.prometheus.client.Histogram`; `nil` if it has none: no span, and
    /// nothing that a zero bucket has.
    static func read(_ message: RawSpan) -> NativeHistogram? {
        var histogram = NativeHistogram()
        var count: UInt64 = 0
        var floatCount = 0.0
        var zeroCount: UInt64 = 0
        var floatZeroCount = 0.0
        var reader = WireReader(message)
        while let tag = reader.nextTag() {
            switch (tag.number, tag.wireType) {
            case (1, .varint): count = reader.readVarint() ?? 0
            case (2, .fixed64): histogram.sum = reader.readDouble() ?? 0
            case (4, .fixed64): floatCount = reader.readDouble() ?? 0
            case (5, .varint): histogram.schema = Int32(truncatingIfNeeded: zigZag(&reader))
            case (6, .fixed64): histogram.zeroThreshold = reader.readDouble() ?? 0
            case (7, .varint): zeroCount = reader.readVarint() ?? 0
            case (8, .fixed64): floatZeroCount = reader.readDouble() ?? 0
            case (9, .bytes):
                guard let span = reader.readBytes() else { break }
                histogram.negative.spans.append(NativeHistogram.Span(protobuf: span))
            case (12, .bytes):
                guard let span = reader.readBytes() else { break }
                histogram.positive.spans.append(NativeHistogram.Span(protobuf: span))
            case (10, _): histogram.negative.deltas += integers(&reader, tag)
            case (11, _): histogram.negative.counts += doubles(&reader, tag)
            case (13, _): histogram.positive.deltas += integers(&reader, tag)
            case (14, _): histogram.positive.counts += doubles(&reader, tag)
            default: guard reader.skip(tag) else { break }
            }
        }
        let isFloat = floatCount > 0 || floatZeroCount > 0
        histogram.count = isFloat ? .float(floatCount) : .int(count)
        histogram.zeroCount = isFloat ? .float(floatZeroCount) : .int(zeroCount)
        let isNative =
            !histogram.positive.spans.isEmpty || !histogram.negative.spans.isEmpty
            || histogram.zeroThreshold > 0 || zeroCount > 0 || floatZeroCount > 0
        return isNative ? histogram : nil
    }
}

extension NativeHistogram.Span {
    fileprivate init(protobuf message: RawSpan) {
        self.init(offset: 0, length: 0)
        var reader = WireReader(message)
        while let tag = reader.nextTag() {
            switch (tag.number, tag.wireType) {
            case (1, .varint): offset = Int32(truncatingIfNeeded: zigZag(&reader))
            case (2, .varint): length = UInt32(truncatingIfNeeded: reader.readVarint() ?? 0)
            default: guard reader.skip(tag) else { return }
            }
        }
    }
}

private func zigZag(_ reader: inout WireReader) -> Int64 {
    let value = reader.readVarint() ?? 0
    return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
}

/// A field of `repeated sint64`, packed or one of many.
private func integers(_ reader: inout WireReader, _ tag: WireReader.Tag) -> [Int64] {
    if tag.wireType == .varint { return [zigZag(&reader)] }
    guard tag.wireType == .bytes, let packed = reader.readBytes() else {
        _ = reader.skip(tag)
        return []
    }
    var values: [Int64] = []
    var list = WireReader(packed)
    while list.position < packed.byteCount { values.append(zigZag(&list)) }
    return values
}

/// A field of `repeated double`, packed or one of many.
private func doubles(_ reader: inout WireReader, _ tag: WireReader.Tag) -> [Double] {
    if tag.wireType == .fixed64 { return [reader.readDouble() ?? 0] }
    guard tag.wireType == .bytes, let packed = reader.readBytes() else {
        _ = reader.skip(tag)
        return []
    }
    var values: [Double] = []
    var list = WireReader(packed)
    while let value = list.readDouble() { values.append(value) }
    return values
}
