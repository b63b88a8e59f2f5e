import Testing
import WeirPrometheus

/// Random series, as Prometheus could have them.
struct RandomSeries {
    private var random = SystemRandomNumberGenerator()

    mutating func series(_ count: Int) -> [PlainSeries] {
        (0..<count).map { index in
            var labels = ["__name__": "metric_\(index)"]
            for name in ["job", "instance", "path", "é", "le_", "code"] where chance(3) {
                labels[name] = ["a", "b c", "日本", String(repeating: "x", count: 200)]
                    .randomElement()!
            }
            var series = PlainSeries(labels)
            var time = Int64.random(in: 1...2_000_000_000_000)
            if chance(4) {
                series.histograms = (0..<Int.random(in: 1...2)).map { _ in
                    time += 1000
                    return histogram(at: time)
                }
            } else {
                series.samples = (0..<Int.random(in: 1...3)).map { _ in
                    time += 1000
                    return WireSample(value(), at: time)
                }
            }
            if chance(4) {
                series.exemplars = [
                    SentExemplar(
                        labels: Labels([Label("trace_id", "abc"), Label("n", "\(index)")]),
                        value: 0.5, timestamp: time)
                ]
            }
            return series
        }
    }

    private func chance(_ one: Int) -> Bool { Int.random(in: 1...one) == 1 }

    private func value() -> Double {
        [0, 1, -1.5, .infinity, .nan, staleMarker, 1e300, Double.random(in: 0...1)].randomElement()!
    }

    private func histogram(at time: Int64) -> NativeHistogram {
        var histogram = NativeHistogram()
        histogram.timestamp = time
        if chance(5) {
            histogram.sum = staleMarker
            return histogram
        }
        histogram.schema = .random(in: -4...8)
        histogram.sum = .random(in: -5...5)
        histogram.zeroThreshold = chance(2) ? 0 : 1e-128
        histogram.zeroCount = .int(.random(in: 0...3))
        histogram.count = .int(.random(in: 0...1000))
        histogram.positive = buckets()
        if chance(3) { histogram.negative = buckets() }
        return histogram
    }

    /// In the form that is written: no empty bucket at the end, no short gap as a span.
    private func buckets() -> NativeHistogram.Buckets {
        var buckets = NativeHistogram.Buckets()
        var count: Int64 = 0
        for index in 0..<Int.random(in: 0...3) {
            let length = UInt32.random(in: 1...5)
            buckets.spans.append(
                NativeHistogram.Span(
                    offset: index == 0 ? .random(in: -40...40) : .random(in: 3...20),
                    length: length))
            for _ in 0..<length {
                let next = Int64.random(in: 1...50)
                buckets.deltas.append(next - count)
                count = next
            }
        }
        return buckets
    }
}

@Suite struct RoundTripTests {
    @Test(arguments: RemoteWriteMessage.allCases)
    func whatIsWrittenIsRead(message: RemoteWriteMessage) throws {
        var random = RandomSeries()
        for _ in 0..<50 {
            let all = random.series(20)
            #expect(try decode(encode(message, all), message) == all)
        }
    }

    /// The same encoder for many requests: symbols of one are not taken for those of the next.
    @Test func requestsOfOneEncoderStandAlone() throws {
        var encoder = RemoteWriteEncoder(.v2)
        var labels = SentLabels(.v2)
        for round in 0..<5 {
            let series = PlainSeries(
                ["__name__": "m\(round % 2)", "job": "j\(round)"], [WireSample(1, at: 5)])
            let number = labels.insert(series.labels).number
            encoder.beginSeries(number, in: labels)
            encoder.sample(1, at: 5)
            encoder.endSeries()
            #expect(try decode(encoder.finish(), .v2) == [series])
            if round > 0 { labels.remove(number) }
        }
    }

    /// Remote write → OTLP → series: every label, sample and bucket is there again.
    @Test(arguments: RemoteWriteMessage.allCases)
    func nothingIsLostOnTheWayThroughOTLP(message: RemoteWriteMessage) throws {
        var random = RandomSeries()
        for _ in 0..<50 {
            var all = random.series(20)
            let exemplars = all.reduce(0) { $0 + $1.exemplars.count }
            let (received, back) = try throughOTLP(encode(message, all), message)
            #expect(received.rejected == 0)
            #expect(received.exemplars == exemplars)
            for index in all.indices { all[index].exemplars = [] }
            func sorted(_ list: [PlainSeries]) -> [String] { list.map { "\($0)" }.sorted() }
            #expect(sorted(back) == sorted(all))
        }
    }
}
