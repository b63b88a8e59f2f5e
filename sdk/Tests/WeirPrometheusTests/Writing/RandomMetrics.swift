import WeirTelemetry

@testable import WeirPrometheus

/// A generator that gives the same numbers for the same seed.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }
}

/// Requests as a scrape makes them: any type, any labels, within what a format can say.
struct RandomMetrics {
    var random: SeededGenerator
    let format: ExpositionDialect.Format
    let time: UInt64 = 1_700_000_000_123_000_000

    private var isText: Bool { if case .text = format { true } else { false } }
    private var isOpenMetrics: Bool { if case .openMetrics = format { true } else { false } }

    mutating func request() -> [UInt8] {
        var builder = RequestBuilder(.metrics)
        for target in 0..<Int.random(in: 1...2, using: &random) {
            var resource: [Attribute] = []
            if Bool.random(using: &random) {
                resource = [
                    Attribute("service.name", .string("job\(target)")),
                    Attribute("service.instance.id", .string("host:\(target)")),
                ]
            }
            builder.resource(resource)
            builder.scope(name: Provenance.scopeName)
            // A type has the same names everywhere, so that families of two targets agree.
            for number in 0..<6 { family(number, target, &builder) }
        }
        return builder.finish()
    }

    private mutating func family(_ number: Int, _ target: Int, _ builder: inout RequestBuilder) {
        let type = MetricType.allCases[
            Int.random(in: 0..<MetricType.allCases.count, using: &random)]
        let hasOwnType =
            !isText || [.counter, .gauge, .histogram, .summary, .unknown].contains(type)
        guard hasOwnType, !(format == .protobuf && (type == .info || type == .stateset)) else {
            return
        }
        let isNative = format == .protobuf && type == .histogram && Bool.random(using: &random)
        let suffix = type == .counter ? "_total" : type == .info ? "_info" : ""
        let unit = isText || type == .info ? "" : "seconds"
        let name = "f\(number)\(target)_\(type.rawValue)_seconds" + suffix
        let hasCreated =
            !isText && [.counter, .histogram, .summary].contains(type)
            && Bool.random(using: &random)
        var metadata = [Attribute(Provenance.typeKey, .string(type.rawValue))]
        if hasCreated { metadata.append(Attribute(Provenance.createdKey, "true")) }
        let kind: RequestBuilder.MetricKind =
            switch type {
            case .counter: .sum(.cumulative, isMonotonic: true)
            case .gauge, .unknown: .gauge
            case .info, .stateset: .sum(.cumulative, isMonotonic: false)
            case .histogram where isNative: .exponentialHistogram(.cumulative)
            case .histogram, .gaugeHistogram: .histogram(.cumulative)
            case .summary: .summary
            }
        builder.metric(
            name, unit: unit, description: help(), kind, metadata: metadata)
        for point in 0..<Int.random(in: 1...3, using: &random) {
            var attributes = [Attribute("n", .string("\(point)"))]
            for label in ["a", "b_2", "Z"] where Bool.random(using: &random) {
                attributes.append(Attribute(label, .string(value())))
            }
            if type == .stateset { attributes.append(Attribute(name, "on")) }
            let start =
                hasCreated ? time - UInt64.random(in: 1...1000, using: &random) * 1_000_000 : 0
            add(type, isNative, attributes, start, &builder)
        }
    }

    private mutating func add(
        _ type: MetricType, _ isNative: Bool, _ attributes: [Attribute], _ start: UInt64,
        _ builder: inout RequestBuilder
    ) {
        let counts = (0..<3).map { _ in UInt64.random(in: 0...1000, using: &random) }
        let count = counts.reduce(0, +)
        let exemplars = exemplars(type)
        switch type {
        case .histogram where isNative:
            builder.exponentialHistogramPoint(
                count: count + 5, sum: number(), scale: Int32.random(in: -4...8, using: &random),
                zeroCount: 5, zeroThreshold: 1e-100,
                positive: ExponentialBuckets(
                    offset: Int32.random(in: -20...20, using: &random), counts: counts + [0, 1]),
                negative: ExponentialBuckets(offset: 3, counts: [2]), at: time, since: start,
                attributes: attributes, exemplars: exemplars)
        case .histogram, .gaugeHistogram:
            builder.histogramPoint(
                count: count, sum: number(), bounds: [0.25, 1e6], bucketCounts: counts, at: time,
                since: start, attributes: attributes, exemplars: exemplars)
        case .summary:
            builder.summaryPoint(
                count: count, sum: number(), quantiles: [(0.5, number()), (0.99, number())],
                at: time, since: start, attributes: attributes)
        case .info, .stateset:
            builder.point(.double(1), at: time, attributes: attributes)
        default:
            builder.point(
                .double(type == .counter ? abs(number()) : number()), at: time, since: start,
                attributes: attributes, exemplars: exemplars)
        }
    }

    /// One, for the types that have any, below the first bound of the histograms.
    private mutating func exemplars(_ type: MetricType) -> [Exemplar] {
        guard !isText, type == .counter || type == .histogram, Bool.random(using: &random) else {
            return []
        }
        return [
            Exemplar(
                .double(0.125), timeUnixNano: time - 5_000_000,
                traceID: (0..<16).map { _ in UInt8.random(in: 1...255, using: &random) },
                spanID: (0..<8).map { _ in UInt8.random(in: 1...255, using: &random) },
                filteredAttributes: [Attribute("user", .string("x\"y"))])
        ]
    }

    private mutating func number() -> Double {
        switch Int.random(in: 0..<6, using: &random) {
        case 0: 0
        case 1: Double(Int.random(in: -1_000_000...1_000_000, using: &random))
        case 2: .infinity
        case 3: Double.random(in: -1...1, using: &random)
        case 4: 1e300
        default: Double(Int64.random(in: 0..<1 << 53, using: &random))
        }
    }

    private mutating func value() -> String {
        ["x", "with \"quotes\"", "back\\slash", "line\nfeed", "größe 日本", "{a=\"b\"} 1", " "]
            .randomElement(using: &random)!
    }

    private mutating func help() -> String {
        ["", "What it is.", "two\nlines", "back\\slash \"quoted\""].randomElement(using: &random)!
    }
}
