import Testing
import WeirJSON
import WeirTelemetry

@Suite struct BuilderTests {
    private func text(_ builder: inout RequestBuilder) throws -> String {
        let signal = builder.signal
        let items = builder.items
        let bytes = builder.finish()
        #expect(try scan(bytes, as: signal).items == items)
        return String(decoding: try bytes.borrowed { try json($0, as: signal) }, as: UTF8.self)
    }

    @Test func buildsEveryKindOfMetric() throws {
        var builder = RequestBuilder(.metrics)
        builder.resource([Attribute("service.name", "shop")], schemaURL: "u")
        builder.scope(name: "s", version: "1")
        builder.metric("g", unit: "By", description: "d", .gauge)
        builder.point(.int(-1), at: 2, attributes: [Attribute("k", true)])
        builder.point(.none, at: 3)
        builder.metric("c", .sum(.cumulative, isMonotonic: true))
        let exemplar = Exemplar(.double(1), timeUnixNano: 9, spanID: [1, 2, 3, 4, 5, 6, 7, 8])
        builder.point(.double(0.5), at: 2, since: 1, exemplars: [exemplar])
        builder.metric("h", .histogram(.delta))
        builder.histogramPoint(
            count: 3, sum: 1.5, min: 0, max: 1, bounds: [1], bucketCounts: [2, 1], at: 4)
        builder.metric("e", .exponentialHistogram(.delta))
        builder.exponentialHistogramPoint(
            count: 3, sum: nil, scale: -2, zeroCount: 1,
            positive: ExponentialBuckets(offset: -1, counts: [1, 300]), at: 5)
        builder.metric("q", .summary)
        builder.summaryPoint(count: 1, sum: 2, quantiles: [(0, 1), (0.5, 2)], at: 6)
        builder.resource([])
        builder.metric("alone", .gauge)
        builder.point(.int(0), at: 7)
        #expect(builder.items == 7)
        let expected =
            #"{"resourceMetrics":[{"resource":{"attributes":[{"key":"service.name","value":"#
            + #"{"stringValue":"shop"}}]},"scopeMetrics":[{"scope":{"name":"s","version":"1"},"#
            + #""metrics":[{"name":"g","description":"d","unit":"By","gauge":{"dataPoints":["#
            + #"{"attributes":[{"key":"k","value":{"boolValue":true}}],"timeUnixNano":"2","#
            + #""asInt":"-1"},{"timeUnixNano":"3","flags":1}]}},{"name":"c","sum":{"dataPoints":["#
            + #"{"startTimeUnixNano":"1","timeUnixNano":"2","asDouble":0.5,"exemplars":["#
            + #"{"timeUnixNano":"9","asDouble":1.0,"spanId":"0102030405060708"}]}],"#
            + #""aggregationTemporality":2,"isMonotonic":true}},{"name":"h","histogram":"#
            + #"{"dataPoints":[{"timeUnixNano":"4","count":"3","sum":1.5,"bucketCounts":["2","1"],"#
            + #""explicitBounds":[1.0],"min":0.0,"max":1.0}],"aggregationTemporality":1}},"#
            + #"{"name":"e","exponentialHistogram":{"dataPoints":[{"timeUnixNano":"5","count":"3","#
            + #""scale":-2,"zeroCount":"1","positive":{"offset":-1,"bucketCounts":["1","300"]}}],"#
            + #""aggregationTemporality":1}},{"name":"q","summary":{"dataPoints":["#
            + #"{"timeUnixNano":"6","count":"1","sum":2.0,"quantileValues":[{"value":1.0},"#
            + #"{"quantile":0.5,"value":2.0}]}]}}]}],"schemaUrl":"u"},{"resource":{},"#
            + #""scopeMetrics":[{"scope":{},"metrics":[{"name":"alone","gauge":{"dataPoints":["#
            + #"{"timeUnixNano":"7","asInt":"0"}]}}]}]}]}"#
        #expect(try text(&builder) == expected)
    }

    @Test func buildsSpansAndLogRecords() throws {
        var spans = RequestBuilder(.traces)
        var span = SpanRecord(
            traceID: [UInt8](repeating: 1, count: 16), spanID: [UInt8](repeating: 2, count: 8),
            name: "n", startTimeUnixNano: 1, endTimeUnixNano: 2)
        span.kind = .server
        span.events = [.init("e", timeUnixNano: 3, attributes: [Attribute("k", [1, 2.5])])]
        span.links = [.init(traceID: span.traceID, spanID: span.spanID)]
        span.status = .error
        span.flags = 257
        spans.span(span)
        let traceID = String(repeating: "01", count: 16)
        let spanID = String(repeating: "02", count: 8)
        #expect(
            try text(&spans)
                == #"{"resourceSpans":[{"resource":{},"scopeSpans":[{"scope":{},"spans":["#
                + #"{"traceId":"\#(traceID)","spanId":"\#(spanID)","flags":257,"name":"n","#
                + #""kind":2,"startTimeUnixNano":"1","endTimeUnixNano":"2","events":["#
                + #"{"timeUnixNano":"3","name":"e","attributes":[{"key":"k","value":{"arrayValue":"#
                + #"{"values":[{"intValue":"1"},{"doubleValue":2.5}]}}}]}],"links":["#
                + #"{"traceId":"\#(traceID)","spanId":"\#(spanID)"}],"status":{"code":2}}]}]}]}"#)
        var logs = RequestBuilder(.logs)
        var record = LogRecord(.keyValueList([Attribute("k", .bytes([255]))]))
        record.severityNumber = 9
        record.eventName = "e"
        logs.logRecord(record)
        logs.logRecord(LogRecord(.empty))
        #expect(
            try text(&logs)
                == #"{"resourceLogs":[{"resource":{},"scopeLogs":[{"scope":{},"logRecords":["#
                + #"{"severityNumber":9,"body":{"kvlistValue":{"values":[{"key":"k","value":"#
                + #"{"bytesValue":"/w=="}}]}},"eventName":"e"},{"body":{}}]}]}]}"#)
    }

    /// Every length on either side of one, two and three bytes.
    @Test func writesMinimalLengths() throws {
        for size in [0, 100, 110, 120, 127, 128, 16_370, 16_383, 16_384, 70_000] {
            var builder = RequestBuilder(.traces)
            let name = String(repeating: "n", count: size)
            builder.span(
                SpanRecord(
                    traceID: [], spanID: [], name: name, startTimeUnixNano: 0, endTimeUnixNano: 0))
            let content =
                (size > 0 ? field(5, name) : []) + field(7, fixed64: 0) + field(8, fixed64: 0)
            let expected = field(
                1, field(1, []) + field(2, field(1, []) + field(2, content)))
            #expect(builder.finish() == expected)
        }
    }

    @Test func literalsMakeArrays() {
        let value: AttributeValue = [1, "two", 3.5, true]
        #expect(value == .array([.int(1), .string("two"), .double(3.5), .bool(true)]))
    }
}
