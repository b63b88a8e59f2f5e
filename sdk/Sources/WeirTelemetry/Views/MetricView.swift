/// A metric: its name and, by kind, its data points.
@frozen
public struct MetricView: MessageView, ~Escapable {
    public let bytes: RawSpan
    public var name: UTF8Text
    public var description: UTF8Text
    public var unit: UTF8Text
    /// The number of the field that holds the data: the last one present; 0 for none.
    @usableFromInline var dataField = 0

    @inlinable
    @_lifetime(copy bytes)
    public init(_ bytes: RawSpan) {
        self.bytes = bytes
        let empty = unsafe bytes.extracting(unchecked: 0..<0)
        name = UTF8Text(empty)
        description = UTF8Text(empty)
        unit = UTF8Text(empty)
        var reader = WireReader(bytes)
        while let tag = reader.nextTag() {
            guard tag.wireType == .bytes else {
                guard reader.skip(tag) else { return }
                continue
            }
            guard let content = reader.readBytes() else { return }
            switch tag.number {
            case 1: name = UTF8Text(content)
            case 2: description = UTF8Text(content)
            case 3: unit = UTF8Text(content)
            case 5, 7, 9, 10, 11: dataField = tag.number
            default: break
            }
        }
    }

    /// The points of each kind of metric. Where the data stands twice, the points of both are seen.
    @frozen
    public enum Data: ~Escapable {
        case none
        case gauge(Repeated<NumberDataPointView>)
        case sum(Repeated<NumberDataPointView>)
        case histogram(Repeated<HistogramDataPointView>)
        case exponentialHistogram(Repeated<ExponentialHistogramDataPointView>)
        case summary(Repeated<SummaryDataPointView>)
    }

    @inlinable
    public var data: Data {
        @_lifetime(copy self)
        get {
            switch dataField {
            case 5: return .gauge(Repeated(bytes, outer: 5, number: 1))
            case 7: return .sum(Repeated(bytes, outer: 7, number: 1))
            case 9: return .histogram(Repeated(bytes, outer: 9, number: 1))
            case 10: return .exponentialHistogram(Repeated(bytes, outer: 10, number: 1))
            case 11: return .summary(Repeated(bytes, outer: 11, number: 1))
            default: return .none
            }
        }
    }

    /// How many data points there are, of whatever kind.
    @inlinable
    public var pointCount: Int {
        switch data {
        case .none: 0
        case .gauge(let points), .sum(let points): points.count()
        case .histogram(let points): points.count()
        case .exponentialHistogram(let points): points.count()
        case .summary(let points): points.count()
        }
    }

    /// Of sums and histograms; `unspecified` for other kinds.
    public var aggregationTemporality: AggregationTemporality {
        guard dataField == 7 || dataField == 9 || dataField == 10 else { return .unspecified }
        return AggregationTemporality(rawValue: Int32(truncatingIfNeeded: dataVarint(2)))
    }

    /// Whether a sum only grows; `false` for other kinds.
    public var isMonotonic: Bool { dataField == 7 && dataVarint(3) != 0 }

    @inlinable
    public var metadata: Repeated<KeyValueView> {
        @_lifetime(copy self) get { Repeated(bytes, number: 12) }
    }

    private func dataVarint(_ number: Int) -> UInt64 {
        var last: UInt64 = 0
        var messages = Repeated<KeyValueView>(bytes, number: dataField)
        while let content = messages.nextBytes() {
            var values = NumericValues(content, number: number, isVarint: true)
            while let value = values.next() { last = value }
        }
        return last
    }
}
