/// A family with its points as they stand at one moment, to be written in any format.
public struct ExpositionFamily: Sendable {
    public var family: MetricFamily
    public var points: [ExpositionPoint]

    public init(_ family: MetricFamily, points: [ExpositionPoint]) {
        self.family = family
        self.points = points
    }
}

/// What is written of a point and does not change: its labels, in their final form.
public final class ExpositionSeries: Sendable {
    public let labels: Labels
    /// Of a histogram, without +Inf.
    public let bounds: [Double]
    public let hasBuckets: Bool
    /// `a="1",b="2"`, with names in quotes that need them.
    let labelText: [UInt8]
    /// Whether all label names are of Prometheus' first data model.
    let isPlain: Bool
    /// The bounds and +Inf as `le` has them.
    let boundTexts: [[UInt8]]

    public convenience init(_ identity: SeriesIdentity) {
        if case .histogram(let bounds, let hasBuckets) = identity.layout {
            self.init(identity.labels, bounds: bounds, hasBuckets: hasBuckets)
        } else {
            self.init(identity.labels)
        }
    }

    public init(_ labels: Labels, bounds: [Double] = [], hasBuckets: Bool = false) {
        self.labels = labels
        self.bounds = bounds
        self.hasBuckets = hasBuckets
        boundTexts =
            hasBuckets ? (bounds + [.infinity]).map { Array(canonicalFloat($0).utf8) } : []
        isPlain = labels.all.allSatisfy { NameEscaping.isPlain($0.name, isLabel: true) }
        var text: [UInt8] = []
        text.appendLabels(labels, .allowUTF8)
        labelText = text
    }
}

public struct ExpositionPoint: Sendable {
    public enum Value: Sendable {
        case number(Double)
        /// The counts of the buckets, not cumulated: one more than the series has bounds, or none.
        case histogram(count: UInt64, sum: Double?, counts: [UInt64])
        /// Apart, because it is large and rare, and every point has room for the largest kind.
        indirect case native(NativeHistogram)
        case summary(count: UInt64, sum: Double, quantiles: [Quantile])
    }

    public struct Quantile: Sendable, Hashable {
        public var quantile: Double
        public var value: Double

        public init(_ quantile: Double, _ value: Double) {
            self.quantile = quantile
            self.value = value
        }
    }

    public var series: ExpositionSeries
    public var value: Value
    public var timeUnixNano: UInt64
    /// When it began to count; 0: not known.
    public var startTimeUnixNano: UInt64
    /// Whether the target itself gave the start, so that it is worth a `_created`.
    public var hasCreated: Bool
    public var exemplars: [SentExemplar]

    public init(
        _ series: ExpositionSeries, _ value: Value, timeUnixNano: UInt64,
        startTimeUnixNano: UInt64 = 0, hasCreated: Bool = false, exemplars: [SentExemplar] = []
    ) {
        self.series = series
        self.value = value
        self.timeUnixNano = timeUnixNano
        self.startTimeUnixNano = startTimeUnixNano
        self.hasCreated = hasCreated
        self.exemplars = exemplars
    }
}

extension ExpositionFamily {
    /// The type that a reader is told. A family of single series that were part of a histogram or
    /// summary is of no known type.
    var writtenType: MetricType {
        guard case .number? = points.first?.value else { return family.type }
        switch family.type {
        case .histogram, .summary, .gaugeHistogram: return .unknown
        default: return family.type
        }
    }
}
