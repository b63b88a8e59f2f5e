import WeirTelemetry

/// The classic part of an `io.prometheus.client.Histogram`. Ranges are of the message.
struct ProtobufHistogramParts {
    struct Bucket {
        var bound = 0.0
        var count = 0.0
        var exemplar: Range<Int>?
    }

    private(set) var count = 0.0
    private(set) var sum = 0.0
    private(set) var buckets: [Bucket] = []
    private(set) var created = 0..<0
    private(set) var nativeExemplars: [Range<Int>] = []

    init(_ message: RawSpan) {
        var wholeCount: UInt64 = 0
        var reader = WireReader(message)
        while let tag = reader.nextTag() {
            switch (tag.number, tag.wireType) {
            case (1, .varint): wholeCount = reader.readVarint() ?? 0
            case (2, .fixed64): sum = reader.readDouble() ?? 0
            case (3, .bytes):
                guard let range = reader.readRange() else { break }
                buckets.append(Bucket(message, range))
            case (4, .fixed64): count = reader.readDouble() ?? 0
            case (15, .bytes): created = reader.readRange() ?? created
            case (16, .bytes): if let range = reader.readRange() { nativeExemplars.append(range) }
            default: guard reader.skip(tag) else { break }
            }
        }
        // The float one counts only if it says something.
        if !(count > 0) { count = Double(wholeCount) }
    }
}

extension ProtobufHistogramParts.Bucket {
    fileprivate init(_ message: RawSpan, _ range: Range<Int>) {
        var wholeCount: UInt64 = 0
        var reader = WireReader(message, at: range.lowerBound, end: range.upperBound)
        while let tag = reader.nextTag() {
            switch (tag.number, tag.wireType) {
            case (1, .varint): wholeCount = reader.readVarint() ?? 0
            case (2, .fixed64): bound = reader.readDouble() ?? 0
            case (3, .bytes): exemplar = reader.readRange()
            case (4, .fixed64): count = reader.readDouble() ?? 0
            default: guard reader.skip(tag) else { break }
            }
        }
        if !(count > 0) { count = Double(wholeCount) }
    }
}
