import Testing
import WeirTelemetry

@Suite struct ViewTests {
    /// What a view of everything in a request sees, as text.
    private func dump(_ bytes: [UInt8], _ signal: Signal) -> [String] {
        var lines: [String] = []
        bytes.borrowed { bytes in
            var groups = RequestView(bytes).resources
            while let group = groups.next() {
                lines.append(
                    "resource \(list(group.resource.attributes)) \(group.schemaURL.string)")
                lines.append("dropped \(group.resource.droppedAttributesCount)")
                var scopes = group.scopes
                while let scope = scopes.next() {
                    let name = scope.scope.name.string + scope.scope.version.string
                    lines.append("scope \(name) \(list(scope.scope.attributes))")
                    lines.append("\(scope.schemaURL.string) \(scope.scope.droppedAttributesCount)")
                    dump(scope, signal, &lines)
                }
            }
        }
        return lines
    }

    private func dump(_ scope: ScopeGroupView, _ signal: Signal, _ lines: inout [String]) {
        switch signal {
        case .traces:
            var spans = scope.spans
            while let span = spans.next() { dump(span, &lines) }
        case .logs:
            var records = scope.logRecords
            while let record = records.next() {
                lines.append(
                    "log \(record.timeUnixNano) \(record.observedTimeUnixNano) "
                        + "\(record.severityNumber) \(record.severityText.string) "
                        + "\(AttributeValue(record.body)) \(record.hasBody) \(record.flags) "
                        + "\(record.droppedAttributesCount) \(record.traceID.hex) "
                        + "\(record.spanID.hex) \(record.eventName.string) \(list(record.attributes))"
                )
            }
        case .metrics:
            var metrics = scope.metrics
            while let metric = metrics.next() {
                lines.append(
                    "metric \(metric.name.string) \(metric.unit.string) "
                        + "\(metric.description.string) \(metric.aggregationTemporality.rawValue) "
                        + "\(metric.isMonotonic) \(list(metric.metadata))")
                dump(metric, &lines)
            }
        }
    }

    private func dump(_ span: SpanView, _ lines: inout [String]) {
        lines.append(
            "span \(span.traceID.hex) \(span.spanID.hex) \(span.parentSpanID.hex) "
                + "\(span.traceState.string) \(span.name.string) \(span.kind.rawValue) "
                + "\(span.startTimeUnixNano) \(span.endTimeUnixNano) \(span.flags) "
                + "\(span.droppedAttributesCount) \(span.droppedEventsCount) "
                + "\(span.droppedLinksCount) \(span.status.code.rawValue) "
                + "\(span.status.message.string) \(list(span.attributes))")
        var events = span.events
        while let event = events.next() {
            lines.append(
                "event \(event.timeUnixNano) \(event.name.string) \(list(event.attributes)) "
                    + "\(event.droppedAttributesCount)")
        }
        var links = span.links
        while let link = links.next() {
            lines.append(
                "link \(link.traceID.hex) \(link.spanID.hex) \(link.traceState.string) "
                    + "\(link.flags) \(link.droppedAttributesCount) \(list(link.attributes))")
        }
    }

    private func dump(_ metric: MetricView, _ lines: inout [String]) {
        switch metric.data {
        case .none: lines.append("none")
        case .gauge(var points), .sum(var points):
            while let point = points.next() {
                lines.append(
                    "number \(point.startTimeUnixNano) \(point.timeUnixNano) \(point.value) "
                        + "\(point.flags) \(list(point.attributes)) \(list(point.exemplars))")
            }
        case .histogram(var points):
            while let point = points.next() {
                lines.append(
                    "histogram \(point.startTimeUnixNano) \(point.timeUnixNano) \(point.count) "
                        + "\(point.sum ?? -1) \(point.min ?? -1) \(point.max ?? -1) \(point.flags) "
                        + "\(list(point.bucketCounts)) \(list(point.explicitBounds)) "
                        + "\(list(point.attributes)) \(list(point.exemplars))")
            }
        case .exponentialHistogram(var points):
            while let point = points.next() {
                lines.append(
                    "exponential \(point.startTimeUnixNano) \(point.timeUnixNano) \(point.count) "
                        + "\(point.sum ?? -1) \(point.min ?? -1) \(point.max ?? -1) \(point.flags) "
                        + "\(point.scale) \(point.zeroCount) \(point.zeroThreshold) "
                        + "\(point.positive.offset) \(list(point.positive.bucketCounts)) "
                        + "\(point.negative.offset) \(list(point.negative.bucketCounts)) "
                        + "\(list(point.attributes)) \(list(point.exemplars))")
            }
        case .summary(var points):
            while let point = points.next() {
                var quantiles = point.quantiles
                var pairs = ""
                while let pair = quantiles.next() { pairs += " \(pair.quantile):\(pair.value)" }
                lines.append(
                    "summary \(point.startTimeUnixNano) \(point.timeUnixNano) \(point.count) "
                        + "\(point.sum) \(point.flags)\(pairs) \(list(point.attributes))")
            }
        }
    }

    private func list(_ attributes: Repeated<KeyValueView>) -> [Attribute] {
        var attributes = attributes
        var copies: [Attribute] = []
        while let attribute = attributes.next() {
            copies.append(Attribute(attribute.key.string, AttributeValue(attribute.value)))
        }
        return copies
    }

    private func list(_ exemplars: Repeated<ExemplarView>) -> [String] {
        var exemplars = exemplars
        var copies: [String] = []
        while let exemplar = exemplars.next() {
            copies.append(
                "\(exemplar.timeUnixNano) \(exemplar.value) \(exemplar.traceID.hex) "
                    + "\(exemplar.spanID.hex) \(list(exemplar.filteredAttributes))")
        }
        return copies
    }

    private func list(_ values: NumericValues) -> [UInt64] {
        var values = values
        var copies: [UInt64] = []
        while let value = values.next() { copies.append(value) }
        return copies
    }

    @Test(arguments: [
        ("traces", Signal.traces, 26), ("metrics", .metrics, 40), ("logs", .logs, 14),
    ])
    func seesTheSameInAnyOrder(name: String, signal: Signal, atLeast: Int) throws {
        let ascending = dump(try fixture(name + ".pb"), signal)
        #expect(ascending.count >= atLeast)
        // Every field of the fixtures is set, so nothing reads as zero or empty.
        for line in ascending {
            #expect(!line.contains("  ") && !line.contains("[]"), "\(line)")
        }
        #expect(dump(try fixture(name + "_descending.pb"), signal) == ascending)
    }

    @Test(arguments: Signal.allCases, 0..<60 as Range<UInt64>)
    func seesWhatIsThereInRandomRequests(signal: Signal, seed: UInt64) throws {
        // A request written plainly means the same as one translated to JSON and back.
        var random = RandomRequest(seed: seed)
        random.isPlain = true
        let bytes = random.request(signal)
        let text = try bytes.borrowed { try json($0, as: signal) }
        #expect(dump(try protobuf(fromJSON: text, as: signal), signal) == dump(bytes, signal))
    }

    @Test func takesTheLastScalarAndTheLastCase() {
        let number = field(4, fixed64: 1.5.bitPattern) + field(6, fixed64: 7)
        let lines = dump(
            request(
                field(
                    2,
                    field(1, "first") + field(5, field(1, number)) + field(1, "last")
                        + field(7, field(1, number) + field(2, varint: 1)) + field(7, field(1, [])))
            ),
            .metrics)
        #expect(
            lines.suffix(3) == [
                "metric last   1 false []", "number 0 0 int(7) 0 [] []",
                "number 0 0 none 0 [] []",
            ])
    }

    @Test func mergesWhatStandsTwice() {
        let bytes = field(
            1,
            field(1, attribute(1, "a", "1") + field(2, varint: 1))
                + field(
                    2,
                    field(1, field(1, "name"))
                        + field(2, field(15, field(3, varint: 2)) + field(15, field(2, "m")))
                        + field(1, field(2, "version")))
                + field(1, attribute(1, "b", "2")))
        let lines = dump(bytes, .traces)
        #expect(lines[0].contains("\"a\"") && lines[0].contains("\"b\""))
        #expect(lines[1] == "dropped 1")
        #expect(lines[2] == "scope nameversion []")
        #expect(lines[4].hasSuffix(" 2 m []"))
    }

    @Test func tellsEmptyFromAbsent() {
        let values: [(AttributeValue, [UInt8])] = [
            (.empty, []), (.string(""), field(1, "")), (.bytes([]), field(7, [])),
            (.array([]), field(5, [])), (.keyValueList([]), field(6, [])),
            (.bool(false), [0x10, 0]),
            (.int(0), field(1, "gone") + field(3, varint: 0)),
        ]
        for (expected, bytes) in values {
            #expect(bytes.borrowed { AttributeValue(AnyValueView($0)) } == expected)
        }
        #expect(![UInt8]().borrowed { LogRecordView($0).hasBody })
        #expect(field(5, []).borrowed { LogRecordView($0).hasBody })
        #expect([UInt8]().borrowed { HistogramDataPointView($0).sum } == nil)
        #expect(field(5, fixed64: 0).borrowed { HistogramDataPointView($0).sum } == 0)
    }

    @Test func findsTheFirstOfAKey() {
        let span = attribute(9, "a", "1") + attribute(9, "bb", "2") + attribute(9, "bb", "3")
        #expect(span.borrowed { first("bb", in: SpanView($0)) } == "2")
        #expect(span.borrowed { first("b", in: SpanView($0)) } == nil)
        #expect(span.borrowed { SpanView($0).attributes.count() } == 3)
    }

    private func first(_ key: String, in span: SpanView) -> AttributeValue? {
        if let value = span.attributes.first(key) { AttributeValue(value) } else { nil }
    }

    /// Views of bytes that no scan has seen stop early, and that is all.
    @Test func stopsAtWhatIsMalformed() {
        for bytes in [
            [0x0a, 0xff], [0x0a, 2, 0x12, 9], [0x0b], [0x80], request([0x12, 3, 0x2a, 9]),
        ] {
            _ = dump(bytes as [UInt8], .traces)
            _ = dump(bytes as [UInt8], .metrics)
            _ = dump(bytes as [UInt8], .logs)
        }
        #expect(dump([0x0a, 0xff], .logs).isEmpty)
    }
}
