import CWeir
import Testing
import WeirJSON
import WeirTelemetry

@testable import WeirRuntime

/// What an exporter gives no more is marked: by points without a recorded value.
@Suite struct GivenSeriesTests {
    /// A collection: `name` or `name|attributes`, gauges but for names in `h` and `s`.
    private func table(_ series: [String]) -> MetricsTable {
        let table = MetricsTable()
        let raw = table.pointer
        for text in series {
            let parts = text.split(separator: "|").map(String.init)
            let type =
                switch parts[0].first {
                case "h": WEIR_HISTOGRAM
                case "s": WEIR_SUMMARY
                case "c": WEIR_COUNTER
                default: WEIR_GAUGE
                }
            var info = weir_metric_info()
            info.size = UInt32(MemoryLayout<weir_metric_info>.size)
            info.type = UInt32(type)
            info.name = slice(parts[0])
            let metric = raw.pointee.metric(raw, &info)
            var attributes = parts.dropFirst().map { pair in
                var attribute = weir_attribute()
                attribute.key = slice(String(pair.prefix(1)))
                attribute.type = UInt32(WEIR_VALUE_STRING)
                attribute.value.string = slice(String(pair.dropFirst(2)))
                return attribute
            }
            attributes.withUnsafeMutableBufferPointer { list in
                switch type {
                case WEIR_HISTOGRAM:
                    [0.5, 1].withUnsafeBufferPointer { bounds in
                        [UInt64(1), 2, 3].withUnsafeBufferPointer { buckets in
                            var histogram = weir_histogram(
                                size: UInt32(MemoryLayout<weir_histogram>.size), bound_count: 2,
                                bounds: bounds.baseAddress, buckets: buckets.baseAddress, count: 6,
                                sum: 4)
                            raw.pointee.histogram(
                                raw, metric, &histogram, list.baseAddress, list.count)
                        }
                    }
                case WEIR_SUMMARY:
                    [0.5, 0.9].withUnsafeBufferPointer { ranks in
                        var summary = weir_summary(
                            size: UInt32(MemoryLayout<weir_summary>.size), quantile_count: 2,
                            quantiles: ranks.baseAddress, values: ranks.baseAddress, count: 4,
                            sum: 10)
                        raw.pointee.summary(raw, metric, &summary, list.baseAddress, list.count)
                    }
                default: raw.pointee.integer(raw, metric, 1, list.baseAddress, list.count)
                }
            }
        }
        return table
    }

    /// Never freed: the tables read them while the test runs.
    private func slice(_ text: String) -> weir_slice {
        let bytes = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: text.utf8.count)
        _ = bytes.initialize(from: text.utf8)
        return weir_slice(data: bytes.baseAddress, length: bytes.count)
    }

    /// `name|attributes` of what a collection gives no more.
    private func gone(_ first: [String], _ second: [String]) -> [String] {
        names(GivenSeries(table(first)).without(GivenSeries(table(second))))
    }

    private func names(_ series: GivenSeries) -> [String] {
        series.identities.map { series in
            ([series.metric] + series.attributes.map { "\($0.key)=\(text($0.value))" })
                .joined(separator: "|")
        }.sorted()
    }

    private func text(_ value: AttributeValue) -> String {
        if case .string(let text) = value { text } else { "?" }
    }

    @Test(arguments: [
        (["a", "b|x=1"], ["a", "b|x=1"], []), (["a", "b|x=1"], ["a"], ["b|x=1"]),
        (["b|x=1", "b|x=2"], ["b|x=2", "b|x=3"], ["b|x=1"]), (["a"], [], ["a"]), ([], ["a"], []),
        // The order of attributes makes no other series; an attribute more does.
        (["b|x=1|y=2"], ["b|y=2|x=1"], []), (["b|x=1"], ["b|x=1|y=2"], ["b|x=1"]),
        (["h|x=1", "s", "c"], ["h|x=2", "c"], ["h|x=1", "s"]),
    ])
    func whatVanishedIsFound(_ first: [String], _ second: [String], _ expected: [String]) {
        #expect(gone(first, second) == expected)
    }

    /// The request has the values of what is there, and the ends of what is not.
    @Test func endsAreWritten() throws {
        let first = GivenSeries(table(["up", "c|x=1", "h|x=1", "s"]))
        let now = table(["up"])
        let (bytes, items) = now.finish(
            scope: "test", atUnixNano: 7, gone: first.without(GivenSeries(now)))
        #expect(items == 4)
        var writer = JSONWriter()
        try writeJSON(bytes.span.bytes, as: .metrics, to: &writer)
        let request = try JSONValue(parsing: String(decoding: writer.bytes, as: UTF8.self))
        let metrics = request["resourceMetrics"]?.arrayValue?[0]["scopeMetrics"]?.arrayValue?[0][
            "metrics"]?.arrayValue
        let texts = (metrics ?? []).map { $0.serialized() }.sorted()
        let tail = #""timeUnixNano":"7""#
        #expect(texts.count == 4 && texts.allSatisfy { $0.contains(tail) }, "\(texts)")
        #expect(texts[0].contains(#""name":"c""#) && texts[0].contains(#""flags":1"#))
        #expect(texts[0].contains(#""isMonotonic":true"#) && !texts[0].contains("asInt"))
        #expect(texts[1].contains(#""explicitBounds":[0.5,1.0]"#), "\(texts)")
        #expect(
            texts[1].contains(#""flags":1"#) && texts[1].contains(#""bucketCounts":["0","0","0"]"#))
        #expect(texts[2].contains(#""quantile":0.9"#) && texts[2].contains(#""flags":1"#))
        #expect(texts[3].contains(#""name":"up""#) && !texts[3].contains("flags"))
    }

    /// A sink knows a metric by all that it says of itself, and attributes by their type.
    @Test func endsAreOfTheMetricThatWas() throws {
        let table = MetricsTable()
        var info = weir_metric_info()
        info.size = UInt32(MemoryLayout<weir_metric_info>.size)
        info.type = UInt32(WEIR_COUNTER)
        info.flags = UInt32(WEIR_METRIC_PROMETHEUS)
        (info.name, info.unit, info.description) = (slice("c"), slice("s"), slice("Uptime."))
        var attribute = weir_attribute()
        attribute.key = slice("port")
        attribute.type = UInt32(WEIR_VALUE_INT)
        attribute.value.integer = 5432
        let metric = table.pointer.pointee.metric(table.pointer, &info)
        table.pointer.pointee.integer(table.pointer, metric, 1, &attribute, 1)
        let (bytes, _) = MetricsTable().finish(
            scope: "test", atUnixNano: 7, gone: GivenSeries(table))
        var expected = RequestBuilder(.metrics)
        expected.resource([])
        expected.scope(name: "test")
        expected.metric(
            "c", unit: "s", description: "Uptime.", .sum(.cumulative, isMonotonic: true),
            metadata: [Attribute("prometheus.type", "counter")])
        expected.point(.none, at: 7, attributes: [Attribute("port", 5432)])
        #expect(bytes == expected.finish())
    }

    /// What nobody took is told again, unless the series has come back.
    @Test func whatWasRefusedIsToldAgain() {
        let first = GivenSeries(table(["up", "a|x=1", "a|x=2"]))
        var second = GivenSeries(table(["up"]))
        let lost = first.without(second)
        second.keep(lost)
        #expect(names(second) == ["a|x=1", "a|x=2", "up"])
        #expect(names(second.without(GivenSeries(table(["up", "a|x=2"])))) == ["a|x=1"])
    }
}
