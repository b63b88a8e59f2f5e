import CWeir
import Testing
import WeirTelemetry

@testable import WeirRuntime

/// weir/ext/metrics.h as a plugin uses it, by hand.
@Suite struct MetricsTableTests {
    private let table: MetricsTable
    private var raw: UnsafeMutablePointer<weir_metrics> { table.pointer }

    /// Declares a metric; the names live as long as the process.
    private func declare(
        _ name: StaticString, _ type: Int, flags: Int = WEIR_METRIC_PROMETHEUS,
        size: Int = MemoryLayout<weir_metric_info>.size, unit: StaticString = ""
    ) -> UInt32 {
        var info = weir_metric_info(
            size: UInt32(size), type: UInt32(type), name: Self.slice(name), unit: Self.slice(unit),
            description: weir_slice(), flags: UInt32(flags), reserved: 0)
        return raw.pointee.metric(raw, &info)
    }

    private static func slice(_ text: StaticString) -> weir_slice {
        weir_slice(data: text.utf8Start, length: text.utf8CodeUnitCount)
    }

    private func add(
        _ metric: UInt32, _ value: Double, _ labels: [(StaticString, StaticString)] = []
    ) {
        let attributes = labels.map { key, value in
            var attribute = weir_attribute()
            attribute.key = Self.slice(key)
            attribute.type = UInt32(WEIR_VALUE_STRING)
            attribute.value.string = Self.slice(value)
            return attribute
        }
        raw.pointee.number(raw, metric, value, attributes, attributes.count)
    }

    private func summary(
        _ metric: UInt32, _ ranks: [Double], _ values: [Double], size: Int? = nil
    ) {
        ranks.withUnsafeBufferPointer { ranks in
            values.withUnsafeBufferPointer { values in
                var summary = weir_summary(
                    size: UInt32(size ?? MemoryLayout<weir_summary>.size),
                    quantile_count: UInt32(ranks.count), quantiles: ranks.baseAddress,
                    values: values.baseAddress, count: 4, sum: 10)
                raw.pointee.summary(raw, metric, &summary, nil, 0)
            }
        }
    }

    private var page: String { table.exposition().page.text }

    @Test func aPointThatComesTwiceIsRefused() {
        let metric = declare("x", WEIR_GAUGE)
        add(metric, 1, [("a", "1"), ("b", "2")])
        add(metric, 2, [("b", "2"), ("a", "1")])
        add(metric, 3, [("a", "2"), ("b", "1")])
        add(metric, 4, [("a", "1")])
        add(metric, 5)
        add(metric, 6)
        add(declare("y", WEIR_GAUGE), 7)
        #expect(table.rejected == ["duplicate_point": 2])
        #expect(table.finish(scope: "", atUnixNano: 0).items == 5)
        #expect(page.contains("x{a=\"1\",b=\"2\"} 1\n") && page.contains("x 5\n"))
    }

    @Test func anAttributeThatComesTwiceIsRefused() {
        add(declare("x", WEIR_GAUGE), 1, [("a", "1"), ("a", "2")])
        #expect(table.rejected == ["bad_attribute": 1])
    }

    /// With thousands of points the test must not take time that grows with their square.
    @Test(.timeLimit(.minutes(1))) func manyPointsAreCheap() {
        let metric = declare("x", WEIR_GAUGE)
        var attribute = weir_attribute()
        attribute.key = Self.slice("n")
        attribute.type = UInt32(WEIR_VALUE_INT)
        for number in 0..<20_000 {
            attribute.value.integer = Int64(number)
            raw.pointee.integer(raw, metric, 1, &attribute, 1)
        }
        #expect(table.rejected.isEmpty)
    }

    @Test func summariesAndUnknownNumbersAreKept() {
        summary(declare("s", WEIR_SUMMARY), [0.5, 0.9], [1, 2])
        add(declare("u", WEIR_UNKNOWN), 3)
        #expect(table.rejected.isEmpty)
        #expect(
            page == """
                # TYPE s summary
                s{quantile="0.5"} 1
                s{quantile="0.9"} 2
                s_sum 10
                s_count 4
                # TYPE u untyped
                u 3

                """)
    }

    /// OpenMetrics has other names for families, and other numbers for bounds.
    @Test func openMetricsIsWritten() {
        add(declare("a_total", WEIR_COUNTER), 1)
        add(declare("b", WEIR_COUNTER), 2)
        add(declare("c_total", WEIR_COUNTER), 3)
        add(declare("c", WEIR_GAUGE), 4)
        add(declare("d_total", WEIR_GAUGE), 5)
        summary(declare("s", WEIR_SUMMARY), [0.5, 1], [1, 2])
        add(declare("u", WEIR_UNKNOWN), 3)
        #expect(
            table.exposition(.openMetrics).page.text == """
                # TYPE a counter
                a_total 1
                # TYPE b unknown
                b 2
                # TYPE c gauge
                c 4
                # TYPE c_total unknown
                c_total 3
                # TYPE d_total gauge
                d_total 5
                # TYPE s summary
                s{quantile="0.5"} 1
                s{quantile="1.0"} 2
                s_sum 10
                s_count 4
                # TYPE u unknown
                u 3

                """)
    }

    @Test func whatDoesNotFitIsRefused() {
        summary(declare("s", WEIR_SUMMARY), [0.9, 0.5], [1, 2])
        summary(declare("g", WEIR_GAUGE), [], [])
        add(declare("h", WEIR_HISTOGRAM), 1)
        add(99, 1)
        #expect(
            table.rejected == [
                "quantiles_do_not_rise": 1, "wrong_kind_of_point": 2, "metric_without_name": 1,
            ])
        #expect(page.isEmpty)
    }

    /// The flag becomes the provenance that keeps a name as it is.
    @Test(arguments: [
        (WEIR_COUNTER, "counter"), (WEIR_GAUGE, "gauge"), (WEIR_UP_DOWN_COUNTER, "gauge"),
        (WEIR_HISTOGRAM, "histogram"), (WEIR_SUMMARY, "summary"), (WEIR_UNKNOWN, "unknown"),
    ])
    func theFlagIsProvenance(_ type: Int, _ expected: String) {
        _ = declare("a", type)
        _ = declare("b", type, flags: 0)
        #expect(table.declared[0].metadata == [Attribute("prometheus.type", .string(expected))])
        #expect(table.declared[1].metadata.isEmpty)
    }

    /// A plugin that was built before there were flags gives a shorter struct, and whatever lies
    /// behind it in its memory.
    @Test func aShorterStructHasNoFlags() {
        let size = MemoryLayout<weir_metric_info>.offset(of: \weir_metric_info.flags)!
        _ = declare("a", WEIR_COUNTER, size: size)
        #expect(table.declared[0].name == "a" && table.declared[0].metadata.isEmpty)
    }

    @Test func aShorterSummaryLacksWhatIsBeyond() {
        summary(
            declare("s", WEIR_SUMMARY), [0.5], [1],
            size: MemoryLayout<weir_summary>.offset(of: \weir_summary.count)!)
        #expect(page.contains("s{quantile=\"0.5\"} 1\ns_sum 0\ns_count 0\n"))
    }

    @Test func theHostsLabelsYieldToThePoints() {
        let table = MetricsTable(labels: [
            Attribute("site", .string("x")), Attribute("a", .string("host")),
        ])
        let own = MetricsTableTests(table: table)
        own.add(own.declare("m", WEIR_GAUGE), 1, [("a", "own")])
        #expect(own.page.contains("m{a=\"own\",site=\"x\"} 1\n"))
    }

    /// Names of OpenTelemetry's on a page of Prometheus'.
    @Test func otherNamesAreMadeToFit() {
        add(declare("system.load", WEIR_GAUGE, flags: 0), 1, [("host.name", "é")])
        add(declare("2nd", WEIR_GAUGE, flags: 0), 2)
        #expect(page.contains("system_load{host_name=\"é\"} 1\n") && page.contains("_2nd 2\n"))
    }

    init() { table = MetricsTable() }
    private init(table: MetricsTable) { self.table = table }
}
