import Testing
import WeirPrometheus
import WeirTelemetry

/// What comes in by remote write and has no place in OTLP, or only just.
@Suite struct ReceivedLimitsTests {
    struct Place: Sendable, CustomTestStringConvertible {
        var offset: Int32
        var buckets: Int
        var isTaken: Bool
        var testDescription: String { "\(buckets) from \(offset)" }
    }

    static let places = [
        Place(offset: .min, buckets: 1, isTaken: false),
        Place(offset: .min + 1, buckets: 1, isTaken: true),
        Place(offset: -1, buckets: 3, isTaken: true),
        Place(offset: 0, buckets: 1, isTaken: true),
        Place(offset: .max, buckets: 1, isTaken: true),
        Place(offset: .max - 1, buckets: 3, isTaken: true),
        Place(offset: .max, buckets: 3, isTaken: false),
    ]

    /// Indexes of buckets at both ends of 32 bits: what is taken stands at the same place in OTLP,
    /// which numbers buckets from one less.
    @Test(arguments: places, [false, true])
    func indexesOfBuckets(place: Place, isNegative: Bool) throws {
        var buckets = NativeHistogram.Buckets()
        buckets.spans = [.init(offset: place.offset, length: UInt32(place.buckets))]
        buckets.deltas = [1] + Array(repeating: 0, count: place.buckets - 1)
        var histogram = NativeHistogram()
        histogram.timestamp = 1000
        histogram.count = .int(UInt64(place.buckets))
        if isNegative { histogram.negative = buckets } else { histogram.positive = buckets }
        var series = PlainSeries(["__name__": "h"])
        series.histograms = [histogram]
        let bytes = encode(.v1, [series])
        let received = try unsafe receiveRemoteWrite(
            bytes.span.bytes, as: .v1, families: FamilyMemory())
        #expect(received.rejected == (place.isTaken ? 0 : 1))
        guard place.isTaken else {
            #expect(received.complaint?.contains("first bucket \(place.offset)") == true)
            return
        }
        let points = readPoints(received.request)
        #expect(points.count == 1)
        let counts = Array(repeating: UInt64(1), count: place.buckets)
        #expect(points[0].data.contains("\(place.offset - 1)\(counts)"), "\(points[0].data)")
        // OTLP's last index has none in Prometheus.
        guard Int(place.offset) + place.buckets - 1 <= Int(Int32.max) else { return }
        #expect(try throughOTLP(bytes, .v1).series == [series])
    }

    /// OTLP's last bucket has no index in Prometheus, which numbers from one more.
    @Test(arguments: [
        (Int32.max, 1, 0, false), (.max - 1, 1, 0, true), (.max - 1, 2, 0, false),
        (.max, 1, 1, true), (.min, 1, 0, true),
    ])
    func indexesFromOTLP(offset: Int32, buckets: Int, finer: Int32, isSent: Bool) throws {
        var builder = RequestBuilder(.metrics)
        builder.metric("h", .exponentialHistogram(.cumulative))
        builder.exponentialHistogramPoint(
            count: 1, sum: 1, scale: 8 + finer, zeroCount: 0,
            positive: ExponentialBuckets(
                offset: offset, counts: Array(repeating: 1, count: buckets)), at: 1)
        let bytes = builder.finish()
        var sent: [Bool] = []
        let translator = SeriesTranslator<SeriesIdentity>(TranslationOptions())
        _ = unsafe translator.translate(bytes.span.bytes, now: 1, make: { $0 }) { point, _ in
            guard case .exponentialHistogram(let view) = point else { return }
            sent.append(NativeHistogram(view, isGauge: false) != nil)
        }
        #expect(sent == [isSent])
    }

    /// Prometheus takes exemplars whose labels have up to 128 characters, names included.
    @Test(arguments: RemoteWriteMessage.allCases, [("e", 1), ("é", 2), ("日", 3), ("😀", 4)])
    func exemplars(message: RemoteWriteMessage, character: (String, Int)) throws {
        var series = PlainSeries(["__name__": "m_total"], [WireSample(1, at: 1000)])
        let lengths = [0, 100, 127, 128, 600]
        series.exemplars = lengths.map { length in
            let value = String(repeating: character.0, count: length)
            return SentExemplar(
                labels: Labels([Label("n", value)]), value: Double(length), timestamp: 900)
        }
        let bytes = encode(message, [series])
        let received = try unsafe receiveRemoteWrite(
            bytes.span.bytes, as: message, families: FamilyMemory())
        #expect(received.exemplars == 3 && received.lostExemplars == 2)
        #expect(received.items == 1 && received.rejected == 0)
        let found = readPoints(received.request).flatMap(\.exemplars)
        #expect(found.count == 3)
    }
}
