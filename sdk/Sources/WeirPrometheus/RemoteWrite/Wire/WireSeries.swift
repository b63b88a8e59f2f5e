/// A label as the places of its name and value in the request.
public struct WireLabel: Sendable, Hashable {
    public var name: Range<Int>
    public var value: Range<Int>

    public init(name: Range<Int>, value: Range<Int>) {
        self.name = name
        self.value = value
    }
}

/// One sample. Times are milliseconds since 1970; a start of 0 is none.
public struct WireSample: Sendable, Hashable {
    public var value: Double
    public var timestamp: Int64
    public var start: Int64

    public init(_ value: Double, at timestamp: Int64, start: Int64 = 0) {
        self.value = value
        self.timestamp = timestamp
        self.start = start
    }
}

/// An exemplar whose labels lie in the request.
public struct WireExemplar: Sendable, Hashable {
    public var labels: [WireLabel]
    public var value: Double
    public var timestamp: Int64

    public init(labels: [WireLabel], value: Double, timestamp: Int64) {
        self.labels = labels
        self.value = value
        self.timestamp = timestamp
    }
}

/// What is known about a metric family; the texts lie in the request.
public struct WireMetadata: Sendable, Hashable {
    /// `nil`: a type that this reader does not know.
    public var type: MetricType?
    /// Only 1.0 has it; of 2.0 it belongs to the series that it stands in.
    public var family: Range<Int>
    public var help: Range<Int>
    public var unit: Range<Int>

    public init(
        type: MetricType? = .unknown, family: Range<Int> = 0..<0, help: Range<Int> = 0..<0,
        unit: Range<Int> = 0..<0
    ) {
        self.type = type
        self.family = family
        self.help = help
        self.unit = unit
    }
}

/// One `TimeSeries` of a request. A reader fills the same value again and again.
public struct WireSeries: Sendable {
    /// As they stand; ``RemoteWriteReader/next(into:)`` has not looked at what they say.
    public var labels: [WireLabel] = []
    public var samples: [WireSample] = []
    public var histograms: [NativeHistogram] = []
    public var exemplars: [WireExemplar] = []
    /// Of 2.0.
    public var metadata: WireMetadata?
    /// Where its content begins in the request.
    public var offset = 0
    /// 2.0: a reference that leads nowhere; the labels are not all there then.
    public var fault: SeriesFault?
    /// How many bytes may still be kept of it.
    private var room = 0

    public init() {}

    /// Whether there is room for one more of something; if not, that is its fault.
    ///
    /// Fields of two bytes without a content become values of up to two hundred.
    mutating func hasRoom(for size: Int) -> Bool {
        room -= size
        guard room < 0 else { return true }
        fault = fault ?? .tooDense
        return false
    }

    /// Begins a series of `size` bytes.
    mutating func removeAll(size: Int) {
        room = (1 << 20) + 8 * size
        labels.removeAll(keepingCapacity: true)
        samples.removeAll(keepingCapacity: true)
        histograms.removeAll(keepingCapacity: true)
        exemplars.removeAll(keepingCapacity: true)
        metadata = nil
        fault = nil
    }
}

extension MetricType {
    /// From the enumeration that both messages have; `nil` for what is not in it.
    init?(wire value: UInt64) {
        switch value {
        case 0: self = .unknown
        case 1: self = .counter
        case 2: self = .gauge
        case 3: self = .histogram
        case 4: self = .gaugeHistogram
        case 5: self = .summary
        case 6: self = .info
        case 7: self = .stateset
        default: return nil
        }
    }

    var wireValue: UInt64 {
        switch self {
        case .unknown: 0
        case .counter: 1
        case .gauge: 2
        case .histogram: 3
        case .gaugeHistogram: 4
        case .summary: 5
        case .info: 6
        case .stateset: 7
        }
    }
}
