import Testing
import WeirPrometheus
import WeirTelemetry

/// Classic series: what they become, and that they come back.
@Suite struct ReceiveTests {
    struct Row: Sendable, CustomStringConvertible {
        var description: String
        /// Name with labels in short: `x_bucket le=1`.
        var series: [(String, Double)]
        var families: [MetricFamily] = []
        /// Kind and points of each metric.
        var metrics: [String]
    }

    private static let buckets: [(String, Double)] = [
        ("x_bucket le=0.5", 1), ("x_bucket le=2.0", 3), ("x_bucket le=+Inf", 4),
    ]

    static let rows: [Row] = [
        Row(
            description: "a histogram by its names",
            series: buckets + [("x_count", 4), ("x_sum", 2.5)], metrics: ["histogram x 1"]),
        Row(
            description: "without a sum", series: buckets + [("x_count", 4)],
            metrics: ["histogram x 1"]),
        Row(
            description: "without a count", series: buckets + [("x_sum", 4)],
            metrics: ["gauge x_bucket 3", "gauge x_sum 1"]),
        Row(
            description: "without +Inf", series: buckets.dropLast() + [("x_count", 4)],
            metrics: ["gauge x_bucket 2", "gauge x_count 1"]),
        Row(
            description: "counts that fall",
            series: [("x_bucket le=0.5", 5), ("x_bucket le=+Inf", 4), ("x_count", 4)],
            metrics: ["gauge x_bucket 2", "gauge x_count 1"]),
        Row(
            description: "two of one bucket",
            series: buckets + [("x_bucket le=0.50", 1), ("x_count", 4)],
            metrics: ["gauge x_bucket 4", "gauge x_count 1"]),
        Row(
            description: "a count that is no whole number",
            series: [("x_bucket le=+Inf", 0.5), ("x_count", 0.5)],
            metrics: ["gauge x_bucket 1", "gauge x_count 1"]),
        Row(
            description: "a bound that is no number", series: [("x_bucket le=many", 1)],
            metrics: ["gauge x_bucket 1"]),
        Row(
            description: "a stale histogram",
            series: (buckets + [("x_count", 0), ("x_sum", 0)]).map { ($0.0, staleMarker) },
            metrics: ["histogram x 1"]),
        Row(
            description: "half stale", series: buckets + [("x_count", staleMarker)],
            metrics: ["gauge x_bucket 3", "gauge x_count 1"]),
        Row(
            description: "a summary by its quantiles",
            series: [("x quantile=0.5", 1), ("x quantile=0.99", 2), ("x_sum", 3), ("x_count", 4)],
            metrics: ["summary x 1"]),
        Row(
            description: "a summary without its sum",
            series: [("x quantile=0.5", 1), ("x_count", 4)],
            metrics: ["gauge x 1", "gauge x_count 1"]),
        Row(
            description: "sum and count that nobody explains",
            series: [("x_sum", 3), ("x_count", 4)], metrics: ["gauge x_sum 1", "gauge x_count 1"]),
        Row(
            description: "sum and count of a summary that has no quantiles",
            series: [("x_sum", 3), ("x_count", 4)],
            families: [MetricFamily(name: "x", type: .summary)], metrics: ["summary x 1"]),
        Row(
            description: "sum and count of a histogram that has no buckets",
            series: [("x_sum", 3), ("x_count", 4)],
            families: [MetricFamily(name: "x", type: .histogram)], metrics: ["histogram x 1"]),
        Row(
            description: "a gauge histogram", series: buckets + [("x_gsum", 3), ("x_gcount", 4)],
            families: [MetricFamily(name: "x", type: .gaugeHistogram)],
            metrics: ["histogram x 1"]),
        Row(
            description: "a counter by its name", series: [("x_total", 3)],
            metrics: ["sum x_total 1"]),
        Row(
            description: "a gauge in spite of its name", series: [("x_total", 3)],
            families: [MetricFamily(name: "x_total", type: .gauge)], metrics: ["gauge x_total 1"]),
        Row(
            description: "a counter whose family OpenMetrics names", series: [("x_total", 3)],
            families: [MetricFamily(name: "x", type: .counter, help: "h", unit: "s")],
            metrics: ["sum x_total 1"]),
        Row(
            description: "an info", series: [("x_info version=1", 1)],
            families: [MetricFamily(name: "x", type: .info)], metrics: ["sum x_info 1"]),
        Row(description: "what nobody explains", series: [("x", 1)], metrics: ["gauge x 1"]),
        Row(
            description: "a gauge called x_bucket", series: [("x_bucket", 1)],
            metrics: ["gauge x_bucket 1"]),
    ]

    private static func plain(_ row: Row) -> [PlainSeries] {
        row.series.map { text, value in
            let words = text.split(separator: " ")
            var labels = ["__name__": String(words[0]), "job": "j", "zone": "z"]
            for word in words.dropFirst() {
                let pair = word.split(separator: "=")
                labels[String(pair[0])] = String(pair[1])
            }
            return PlainSeries(labels, [WireSample(value, at: 5000)])
        }
    }

    @Test(arguments: rows)
    func becomesMetricsAndComesBack(row: Row) throws {
        let all = Self.plain(row)
        let bytes = encode(.v1, all, families: row.families)
        let (received, back) = try throughOTLP(bytes, .v1)
        #expect(try scan(received.request, as: .metrics).items == received.items)
        #expect(metrics(received.request) == row.metrics)
        func sorted(_ list: [PlainSeries]) -> [String] { list.map { "\($0)" }.sorted() }
        #expect(sorted(back) == sorted(all))
    }

    /// Metadata that came with an earlier request.
    @Test func remembersFamilies() throws {
        let families = FamilyMemory(limit: 2)
        let summary = MetricFamily(name: "x", type: .summary, help: "h")
        _ = try throughOTLP(encode(.v1, [], families: [summary]), .v1, families: families)
        let row = Self.rows.first { $0.description.hasPrefix("sum and count that") }!
        let (received, _) = try throughOTLP(encode(.v1, Self.plain(row)), .v1, families: families)
        #expect(metrics(received.request) == ["summary x 1"])
        let more = (0..<5).map { MetricFamily(name: "m\($0)", type: .gauge) }
        _ = try throughOTLP(encode(.v1, [], families: more), .v1, families: families)
        #expect(families.count <= 2)
    }

    @Test func metadataOfASeriesCounts() throws {
        let series = PlainSeries(["__name__": "x"], [WireSample(1, at: 5, start: 2)])
        let (received, back) = try throughOTLP(encode(.v2, [series], type: .counter), .v2)
        #expect(metrics(received.request) == ["sum x 1"])
        #expect(back == [series])
    }

    @Test(arguments: [
        (["a": "b"], 5, "no label __name__"), (["__name__": "x", "": "b"], 5, "empty name"),
        (["__name__": "x"], -1, "timestamp -1"), (["__name__": "x"], Int64.max, "timestamp"),
    ])
    func leavesOutWhatIsWrong(labels: [String: String], time: Int64, mention: String) throws {
        var wrong: [UInt8] = [0x0a]
        var content: [UInt8] = []
        for (name, value) in labels {
            let (name, value) = (Array(name.utf8), Array(value.utf8))
            content += [0x0a, UInt8(name.count + value.count + 4)]
            content += [0x0a, UInt8(name.count)] + name + [0x12, UInt8(value.count)] + value
        }
        let good = PlainSeries(["__name__": "good"], [WireSample(1, at: time)])
        // Of the good series the sample's bytes serve for the other, too.
        let sample = encode(.v1, [good]).drop { $0 != 0x12 }.dropFirst(6)
        content += sample
        wrong += [UInt8(content.count)] + content
        let fine = encode(.v1, [PlainSeries(["__name__": "fine"], [WireSample(1, at: 7)])])
        let (received, back) = try throughOTLP(wrong + fine, .v1)
        #expect(received.rejected == 1)
        #expect(received.samples == 1)
        #expect(received.complaint?.contains(mention) == true)
        #expect(back.count == 1)
    }

    private func metrics(_ request: [UInt8]) -> [String] {
        var found: [String] = []
        var groups = unsafe RequestView(request.span.bytes).resources
        while let group = groups.next() {
            var scopes = group.scopes
            while let scope = scopes.next() {
                var metrics = scope.metrics
                while let metric = metrics.next() {
                    let name = metric.name.string
                    switch metric.data {
                    case .none: found.append("none \(name)")
                    case .gauge(let points): found.append("gauge \(name) \(points.count())")
                    case .sum(let points): found.append("sum \(name) \(points.count())")
                    case .histogram(let points):
                        found.append("histogram \(name) \(points.count())")
                    case .exponentialHistogram(let points):
                        found.append("exponential \(name) \(points.count())")
                    case .summary(let points): found.append("summary \(name) \(points.count())")
                    }
                }
            }
        }
        return found
    }
}
