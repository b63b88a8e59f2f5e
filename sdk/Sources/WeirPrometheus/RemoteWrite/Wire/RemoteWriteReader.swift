import WeirTelemetry

/// Reads a request of remote write, 1.0 or 2.0, series by series.
///
/// It trusts nothing: what is no protobuf ends in an error, and what a series says that makes no
/// sense in its `fault`. Fields may stand in any order. Of a 2.0 request both forms of start
/// timestamps are read: those in samples, and the older ones of whole series.
public struct RemoteWriteReader: ~Escapable {
    public let bytes: RawSpan
    public let message: RemoteWriteMessage
    /// Of 1.0: what is known about families, wherever it stood.
    public private(set) var metadata: [WireMetadata] = []
    /// Of 2.0.
    let symbols: [Range<Int>]
    private var reader: WireReader

    /// Looks through the outermost fields.
    @_lifetime(copy bytes)
    public init(
        _ bytes: RawSpan, as message: RemoteWriteMessage
    ) throws(RemoteWriteError) {
        self.bytes = bytes
        self.message = message
        reader = WireReader(bytes)
        var symbols: [Range<Int>] = []
        var metadata: [WireMetadata] = []
        var outer = WireReader(bytes)
        while let tag = outer.nextTag() {
            switch (message, tag.number, tag.wireType) {
            case (.v2, 4, .bytes):
                guard let range = outer.readRange() else { throw Self.truncated(outer, "symbols") }
                symbols.append(range)
            case (.v1, 3, .bytes):
                guard let range = outer.readRange(), let entry = readMetadata(bytes, range) else {
                    throw Self.truncated(outer, "metadata")
                }
                if !entry.family.isEmpty { metadata.append(entry) }
            case (.v2, 1...3, _):
                throw RemoteWriteError(
                    offset: outer.fieldStart, place: message.rawValue,
                    found: "field \(tag.number), which is one of \(RemoteWriteMessage.v1.rawValue)",
                    expected: "a 2.0 request: send 1.0 without the proto parameter")
            case (.v1, 4...5, _):
                throw RemoteWriteError(
                    offset: outer.fieldStart, place: message.rawValue,
                    found: "field \(tag.number), which is one of \(RemoteWriteMessage.v2.rawValue)",
                    expected: "a 1.0 request: send 2.0 with the proto parameter in Content-Type")
            default:
                guard outer.skip(tag) else { throw Self.truncated(outer, message.rawValue) }
            }
        }
        guard outer.isAtEnd else { throw Self.truncated(outer, message.rawValue) }
        self.symbols = symbols
        self.metadata = metadata
    }

    /// Reads the next series; `false` after the last.
    @_lifetime(self: copy self)
    public mutating func next(into series: inout WireSeries) throws(RemoteWriteError) -> Bool {
        let number = message == .v1 ? 1 : 5
        while let tag = reader.nextTag() {
            if tag.number == number, tag.wireType == .bytes {
                guard let range = reader.readRange() else {
                    throw Self.truncated(reader, "timeseries")
                }
                series.removeAll(size: range.count)
                series.offset = range.lowerBound
                var content = WireReader(bytes, at: range.lowerBound, end: range.upperBound)
                let isWhole = message == .v1 ? readV1(&content, &series) : readV2(&content, &series)
                guard isWhole else { throw Self.truncated(content, "timeseries") }
                return true
            }
            guard reader.skip(tag) else { throw Self.truncated(reader, message.rawValue) }
        }
        return false
    }

    /// The bytes of a label or of metadata.
    @_lifetime(copy self)
    public func text(_ range: Range<Int>) -> RawSpan { bytes.extracting(range) }

    static func truncated(_ reader: borrowing WireReader, _ place: String) -> RemoteWriteError {
        RemoteWriteError(
            offset: reader.fieldStart, place: place, found: "no field that ends within it",
            expected: "protobuf (is the body compressed once, with snappy's block format?)")
    }
}

/// The content of `MetricMetadata` of 1.0.
private func readMetadata(_ bytes: RawSpan, _ range: Range<Int>) -> WireMetadata? {
    var entry = WireMetadata()
    var reader = WireReader(bytes, at: range.lowerBound, end: range.upperBound)
    while let tag = reader.nextTag() {
        switch (tag.number, tag.wireType) {
        case (1, .varint):
            guard let value = reader.readVarint() else { return nil }
            entry.type = MetricType(wire: value)
        case (2, .bytes), (4, .bytes), (5, .bytes):
            guard let text = reader.readRange() else { return nil }
            if tag.number == 2 { entry.family = text }
            if tag.number == 4 { entry.help = text }
            if tag.number == 5 { entry.unit = text }
        default: guard reader.skip(tag) else { return nil }
        }
    }
    return reader.isAtEnd ? entry : nil
}
