import WeirTelemetry

// The bytes that identify a resource, a scope, a metric and a point. Fields are taken as they
// stand, so two encodings of one thing are two keys, which costs memory but is never wrong.

/// The contents of every occurrence of a message field, one after the other: their merge.
func appendContents(of number: Int, in bytes: RawSpan, to key: inout [UInt8]) {
    var reader = WireReader(bytes)
    while let tag = reader.nextTag() {
        if tag.number == number, tag.wireType == .bytes {
            guard let content = reader.readBytes() else { return }
            key.append(contentsOf: content)
        } else {
            guard reader.skip(tag) else { return }
        }
    }
}

/// What a metric says beside its points.
struct MetricHeader {
    /// The number of the field that holds the data; 0 for none.
    var dataField = 0
    /// Where the data begins, with its tag.
    var dataStart = 0
    var temporality = AggregationTemporality.unspecified
    var isMonotonic = false

    /// Reads it, and appends the bytes that identify the metric to `key`.
    init(_ metric: RawSpan, appendingTo key: inout [UInt8]) {
        var reader = WireReader(metric)
        // What stands between data is copied in one piece.
        var start = 0
        while true {
            let before = reader.position
            guard let tag = reader.nextTag() else { break }
            guard tag.wireType == .bytes, MetricHeader.isData(tag.number) else {
                guard reader.skip(tag) else { break }
                continue
            }
            key.append(contentsOf: unsafe metric.extracting(unchecked: start..<before))
            if dataField == 0 { dataStart = before }
            dataField = tag.number
            guard let content = reader.readBytes() else { break }
            readData(content)
            start = reader.position
        }
        key.append(contentsOf: unsafe metric.extracting(unchecked: start..<reader.position))
        key.append(UInt8(truncatingIfNeeded: dataField))
        key.append(UInt8(truncatingIfNeeded: temporality.rawValue))
        key.append(isMonotonic ? 1 : 0)
    }

    static func isData(_ number: Int) -> Bool {
        number == 5 || number == 7 || number == 9 || number == 10 || number == 11
    }

    private mutating func readData(_ data: RawSpan) {
        guard dataField == 7 || dataField == 9 || dataField == 10 else { return }
        var reader = WireReader(data)
        while let tag = reader.nextTag() {
            guard tag.wireType == .varint else {
                guard reader.skip(tag) else { return }
                continue
            }
            guard let value = reader.readVarint() else { return }
            if tag.number == 2 {
                temporality = AggregationTemporality(rawValue: Int32(truncatingIfNeeded: value))
            }
            if tag.number == 3 { isMonotonic = value != 0 }
        }
    }
}

/// Where the fields of one number stand in a point, if they stand together.
func range(of number: Int, in point: RawSpan) -> Range<Int>? {
    var reader = WireReader(point)
    var start = -1
    var end = 0
    while true {
        let before = reader.position
        guard let tag = reader.nextTag(), reader.skip(tag) else { break }
        guard tag.number == number else { continue }
        if start < 0 { start = before } else if end != before { return nil }
        end = reader.position
    }
    return start < 0 ? 0..<0 : start..<end
}

/// The fields of these numbers with their tags, as they stand.
func appendFields(_ numbers: (Int, Int), of point: RawSpan, to key: inout [UInt8]) {
    var reader = WireReader(point)
    while true {
        let before = reader.position
        guard let tag = reader.nextTag(), reader.skip(tag) else { return }
        if tag.number == numbers.0 || tag.number == numbers.1 {
            key.append(contentsOf: unsafe point.extracting(unchecked: before..<reader.position))
        }
    }
}
