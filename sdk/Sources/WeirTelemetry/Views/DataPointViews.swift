/// A number as points and exemplars carry it.
@frozen
public enum NumberValue: Sendable, Hashable {
    /// The sender gave none, as for a point whose flag says "no recorded value".
    case none
    case int(Int64)
    case double(Double)

    /// The value as a double; `nil` for none.
    @inlinable
    public var double: Double? {
        switch self {
        case .none: nil
        case .int(let value): Double(value)
        case .double(let value): value
        }
    }
}

/// A point of a gauge or a sum.
@frozen
public struct NumberDataPointView: MessageView, ~Escapable {
    public let bytes: RawSpan
    public var startTimeUnixNano: UInt64 = 0
    public var timeUnixNano: UInt64 = 0
    /// The value; of two, the last on the wire.
    public var value = NumberValue.none
    /// Bit 0: no value was recorded.
    public var flags: UInt32 = 0

    @inlinable
    @_lifetime(copy bytes)
    public init(_ bytes: RawSpan) {
        self.bytes = bytes
        var reader = WireReader(bytes)
        while let tag = reader.nextTag() {
            switch (tag.number, tag.wireType) {
            case (_, .fixed64):
                guard let raw = reader.readFixed64() else { return }
                switch tag.number {
                case 2: startTimeUnixNano = raw
                case 3: timeUnixNano = raw
                case 4: value = .double(Double(bitPattern: raw))
                case 6: value = .int(Int64(bitPattern: raw))
                default: break
                }
            case (8, .varint):
                guard let raw = reader.readVarint() else { return }
                flags = UInt32(truncatingIfNeeded: raw)
            default:
                guard reader.skip(tag) else { return }
            }
        }
    }

    /// Reads a point, and on the way where its attributes stand. `expected` gives how many bytes of
    /// attributes that are known stand at an offset, tags included: they are moved past at once.
    @inlinable
    @inline(__always)
    @_lifetime(copy bytes)
    package init(
        _ bytes: RawSpan, attributes: inout AttributePlace, expected: (RawSpan, Int) -> Int
    ) {
        self.bytes = bytes
        var reader = WireReader(bytes)
        while let tag = reader.nextTag() {
            switch (tag.number, tag.wireType) {
            case (_, .fixed64):
                guard let raw = reader.readFixed64() else { return }
                switch tag.number {
                case 2: startTimeUnixNano = raw
                case 3: timeUnixNano = raw
                case 4: value = .double(Double(bitPattern: raw))
                case 6: value = .int(Int64(bitPattern: raw))
                default: break
                }
            case (7, .bytes):
                let start = reader.fieldStart
                let known = attributes.isUnknown ? expected(bytes, start) : 0
                if known > 0 {
                    reader.position = start &+ known
                } else {
                    guard reader.skip(tag) else { return }
                }
                attributes.add(start..<reader.position, areExpected: known > 0)
            case (8, .varint):
                guard let raw = reader.readVarint() else { return }
                flags = UInt32(truncatingIfNeeded: raw)
            default:
                guard reader.skip(tag) else { return }
            }
        }
    }

    @inlinable
    public var attributes: Repeated<KeyValueView> {
        @_lifetime(copy self) get { Repeated(bytes, number: 7) }
    }

    @inlinable
    public var exemplars: Repeated<ExemplarView> {
        @_lifetime(copy self) get { Repeated(bytes, number: 5) }
    }
}

/// A measurement kept beside an aggregate, with the trace it came from.
@frozen
public struct ExemplarView: MessageView, ~Escapable {
    public let bytes: RawSpan
    public var timeUnixNano: UInt64 = 0
    public var value = NumberValue.none
    public var traceID: RawSpan
    public var spanID: RawSpan

    @inlinable
    @_lifetime(copy bytes)
    public init(_ bytes: RawSpan) {
        self.bytes = bytes
        let empty = unsafe bytes.extracting(unchecked: 0..<0)
        traceID = empty
        spanID = empty
        var reader = WireReader(bytes)
        while let tag = reader.nextTag() {
            switch (tag.number, tag.wireType) {
            case (_, .fixed64):
                guard let raw = reader.readFixed64() else { return }
                if tag.number == 2 { timeUnixNano = raw }
                if tag.number == 3 { value = .double(Double(bitPattern: raw)) }
                if tag.number == 6 { value = .int(Int64(bitPattern: raw)) }
            case (4...5, .bytes):
                guard let content = reader.readBytes() else { return }
                if tag.number == 4 { spanID = content } else { traceID = content }
            default:
                guard reader.skip(tag) else { return }
            }
        }
    }

    @inlinable
    public var filteredAttributes: Repeated<KeyValueView> {
        @_lifetime(copy self) get { Repeated(bytes, number: 7) }
    }
}

/// A point of a summary.
@frozen
public struct SummaryDataPointView: MessageView, ~Escapable {
    public let bytes: RawSpan
    public var startTimeUnixNano: UInt64 = 0
    public var timeUnixNano: UInt64 = 0
    public var count: UInt64 = 0
    public var sum = 0.0
    public var flags: UInt32 = 0

    @inlinable
    @_lifetime(copy bytes)
    public init(_ bytes: RawSpan) {
        self.bytes = bytes
        var reader = WireReader(bytes)
        while let tag = reader.nextTag() {
            switch (tag.number, tag.wireType) {
            case (_, .fixed64):
                guard let raw = reader.readFixed64() else { return }
                switch tag.number {
                case 2: startTimeUnixNano = raw
                case 3: timeUnixNano = raw
                case 4: count = raw
                case 5: sum = Double(bitPattern: raw)
                default: break
                }
            case (8, .varint):
                guard let raw = reader.readVarint() else { return }
                flags = UInt32(truncatingIfNeeded: raw)
            default:
                guard reader.skip(tag) else { return }
            }
        }
    }

    @inlinable
    public var attributes: Repeated<KeyValueView> {
        @_lifetime(copy self) get { Repeated(bytes, number: 7) }
    }

    @inlinable
    public var quantiles: Repeated<QuantileView> {
        @_lifetime(copy self) get { Repeated(bytes, number: 6) }
    }
}

/// One quantile of a summary.
@frozen
public struct QuantileView: MessageView, ~Escapable {
    public var quantile = 0.0
    public var value = 0.0

    @inlinable
    @_lifetime(copy bytes)
    public init(_ bytes: RawSpan) {
        var reader = WireReader(bytes)
        while let tag = reader.nextTag() {
            guard tag.wireType == .fixed64 else {
                guard reader.skip(tag) else { return }
                continue
            }
            guard let raw = reader.readDouble() else { return }
            if tag.number == 1 { quantile = raw }
            if tag.number == 2 { value = raw }
        }
    }
}
