import Testing
import WeirTelemetry

@testable import WeirPrometheus

struct TextWriterTests {
    static let time: UInt64 = 1_700_000_000_250_000_000

    /// One of everything, as OTLP has it.
    static let everything = metrics(
        resource: [Attribute("service.name", "shop"), Attribute("host.name", "h")]
    ) {
        $0.metric(
            "requests", unit: "1", description: "All \"requests\"\nand \\ more.",
            .sum(.cumulative, isMonotonic: true))
        $0.point(
            .int(1_000_000), at: time, since: time - 1_000_000_000,
            attributes: [Attribute("path", "/a\"b\\c\nd"), Attribute("code", 200)],
            exemplars: [
                Exemplar(
                    .double(0.5), timeUnixNano: time, traceID: Array(repeating: 0xab, count: 16),
                    spanID: Array(repeating: 1, count: 8),
                    filteredAttributes: [Attribute("user", "x")])
            ])
        $0.metric("temp", unit: "Cel", .gauge)
        $0.point(.double(-3.25), at: time)
        $0.metric("dur", unit: "s", .histogram(.cumulative))
        $0.histogramPoint(
            count: 6, sum: 4.5, bounds: [0.5, 1], bucketCounts: [1, 2, 3], at: time,
            exemplars: [Exemplar(.double(0.7), timeUnixNano: time)])
        $0.metric("rpc", .summary)
        $0.summaryPoint(count: 3, sum: 4, quantiles: [(0.5, 1.5), (1, 2)], at: time)
        $0.metric("size", unit: "By", .exponentialHistogram(.cumulative))
        $0.exponentialHistogramPoint(
            count: 10, sum: 30, scale: 1, zeroCount: 1,
            positive: ExponentialBuckets(offset: -1, counts: [2, 0, 3, 1]),
            negative: ExponentialBuckets(offset: 0, counts: [3]), at: time)
    }

    @Test func textOfEverything() {
        #expect(
            text(Self.everything) == #"""
                # TYPE dur_seconds histogram
                dur_seconds_bucket{job="shop",le="0.5"} 1
                dur_seconds_bucket{job="shop",le="1.0"} 3
                dur_seconds_bucket{job="shop",le="+Inf"} 6
                dur_seconds_sum{job="shop"} 4.5
                dur_seconds_count{job="shop"} 6
                # HELP requests_total All "requests"\nand \\ more.
                # TYPE requests_total counter
                requests_total{code="200",job="shop",path="/a\"b\\c\nd"} 1e+06
                # TYPE rpc summary
                rpc{job="shop",quantile="0.5"} 1.5
                rpc{job="shop",quantile="1.0"} 2
                rpc_sum{job="shop"} 4
                rpc_count{job="shop"} 3
                # TYPE size_bytes histogram
                size_bytes_bucket{job="shop",le="-1.0"} 3
                size_bytes_bucket{job="shop",le="0.0"} 4
                size_bytes_bucket{job="shop",le="1.0"} 6
                size_bytes_bucket{job="shop",le="2.0"} 9
                size_bytes_bucket{job="shop",le="4.0"} 10
                size_bytes_bucket{job="shop",le="+Inf"} 10
                size_bytes_sum{job="shop"} 30
                size_bytes_count{job="shop"} 10
                # HELP target_info Target metadata
                # TYPE target_info gauge
                target_info{host_name="h",job="shop"} 1
                # TYPE temp_celsius gauge
                temp_celsius{job="shop"} -3.25

                """#)
    }

    @Test func openMetricsOfEverything() {
        #expect(
            text(Self.everything, openMetrics, timestamps: true) == #"""
                # TYPE dur_seconds histogram
                # UNIT dur_seconds seconds
                dur_seconds_bucket{job="shop",le="0.5"} 1 1700000000.250
                dur_seconds_bucket{job="shop",le="1.0"} 3 1700000000.250 # {} 0.7 1700000000.250
                dur_seconds_bucket{job="shop",le="+Inf"} 6 1700000000.250
                dur_seconds_sum{job="shop"} 4.5 1700000000.250
                dur_seconds_count{job="shop"} 6 1700000000.250
                # HELP requests All \"requests\"\nand \\ more.
                # TYPE requests counter
                requests_total{code="200",job="shop",path="/a\"b\\c\nd"} 1e+06 1700000000.250 # {span_id="0101010101010101",trace_id="abababababababababababababababab",user="x"} 0.5 1700000000.250
                # TYPE rpc summary
                rpc{job="shop",quantile="0.5"} 1.5 1700000000.250
                rpc{job="shop",quantile="1.0"} 2 1700000000.250
                rpc_sum{job="shop"} 4 1700000000.250
                rpc_count{job="shop"} 3 1700000000.250
                # TYPE size_bytes histogram
                # UNIT size_bytes bytes
                size_bytes_bucket{job="shop",le="-1.0"} 3 1700000000.250
                size_bytes_bucket{job="shop",le="0.0"} 4 1700000000.250
                size_bytes_bucket{job="shop",le="1.0"} 6 1700000000.250
                size_bytes_bucket{job="shop",le="2.0"} 9 1700000000.250
                size_bytes_bucket{job="shop",le="4.0"} 10 1700000000.250
                size_bytes_bucket{job="shop",le="+Inf"} 10 1700000000.250
                size_bytes_sum{job="shop"} 30 1700000000.250
                size_bytes_count{job="shop"} 10 1700000000.250
                # HELP target Target metadata
                # TYPE target info
                target_info{host_name="h",job="shop"} 1 1700000000.250
                # TYPE temp_celsius gauge
                # UNIT temp_celsius celsius
                temp_celsius{job="shop"} -3.25 1700000000.250
                # EOF

                """#)
    }

    @Test func timestampsInTextAreMilliseconds() {
        let request = metrics {
            $0.metric("m", .gauge)
            $0.point(.int(1), at: Self.time)
        }
        #expect(text(request, timestamps: true) == "# TYPE m gauge\nm 1 1700000000250\n")
    }

    @Test func typesThatAFormatDoesNotHave() {
        let request = metrics {
            $0.metric(
                "b_info", .sum(.cumulative, isMonotonic: false), metadata: fromPrometheus("info"))
            $0.point(.double(1), at: 5, attributes: [Attribute("v", "1")])
            $0.metric(
                "st", .sum(.cumulative, isMonotonic: false), metadata: fromPrometheus("stateset"))
            $0.point(.double(1), at: 5, attributes: [Attribute("st", "on")])
            $0.metric("u", .gauge, metadata: fromPrometheus("unknown"))
            $0.point(.double(1), at: 5)
            $0.metric("g", .histogram(.cumulative), metadata: fromPrometheus("gaugehistogram"))
            for label in ["x", "y"] {
                $0.histogramPoint(
                    count: 1, sum: 2, bounds: [], bucketCounts: [1], at: 5,
                    attributes: [Attribute("l", .string(label))])
            }
            $0.metric(
                "plain", .sum(.cumulative, isMonotonic: true), metadata: fromPrometheus("counter"))
            $0.point(.double(1), at: 5)
            $0.metric("h_bucket", .gauge, metadata: fromPrometheus("histogram"))
            $0.point(.double(1), at: 5, attributes: [Attribute("le", "1.0")])
        }
        #expect(
            text(request) == """
                # TYPE b_info gauge
                b_info{v="1"} 1
                g_bucket{l="x",le="+Inf"} 1
                g_bucket{l="y",le="+Inf"} 1
                g_gsum{l="x"} 2
                g_gsum{l="y"} 2
                g_gcount{l="x"} 1
                g_gcount{l="y"} 1
                # TYPE h_bucket untyped
                h_bucket{le="1.0"} 1
                # TYPE plain counter
                plain 1
                # TYPE st gauge
                st{st="on"} 1
                # TYPE u untyped
                u 1

                """)
        #expect(
            text(request, openMetrics) == """
                # TYPE b info
                b_info{v="1"} 1
                # TYPE g gaugehistogram
                g_bucket{l="x",le="+Inf"} 1
                g_gsum{l="x"} 2
                g_gcount{l="x"} 1
                g_bucket{l="y",le="+Inf"} 1
                g_gsum{l="y"} 2
                g_gcount{l="y"} 1
                # TYPE h_bucket unknown
                h_bucket{le="1.0"} 1
                # TYPE plain unknown
                plain 1
                # TYPE st stateset
                st{st="on"} 1
                # TYPE u unknown
                u 1
                # EOF

                """)
    }

    /// A counter and a gauge of the same name but for the suffix are two families of OpenMetrics.
    @Test func familiesOfOpenMetricsDoNotMeet() {
        let request = metrics {
            $0.metric("x", .gauge)
            $0.point(.int(1), at: 5)
            $0.metric("x", .sum(.cumulative, isMonotonic: true))
            $0.point(.int(2), at: 5)
        }
        #expect(
            text(request, openMetrics)
                == "# TYPE x gauge\nx 1\n# TYPE x_total unknown\nx_total 2\n# EOF\n")
    }

    @Test func createdIsWrittenWhereTheTargetGaveIt() {
        let metadata =
            fromPrometheus("counter") + [Attribute(Provenance.createdKey, "true")]
        let request = metrics {
            $0.metric("a_total", .sum(.cumulative, isMonotonic: true), metadata: metadata)
            $0.point(.double(1), at: Self.time, since: 1_600_000_000_123_456_000)
        }
        #expect(
            text(request, openMetrics)
                == "# TYPE a counter\na_total 1\na_created 1600000000.123456\n# EOF\n")
        #expect(!text(request).contains("created"))
    }

    @Test func namesInUTF8() {
        var options = TranslationOptions()
        options.strategy = .noTranslation
        let request = metrics {
            $0.metric("http.size", description: "x", .gauge)
            $0.point(.int(1), at: 5)
            $0.point(.int(2), at: 5, attributes: [Attribute("a.b", "1"), Attribute("c", "2")])
        }
        func inDialect(_ escaping: NameEscaping) -> String {
            String(
                decoding: written(
                    families(request, options),
                    ExpositionDialect(.text(version: "1.0.0"), escaping)),
                as: UTF8.self)
        }
        #expect(
            inDialect(.allowUTF8) == """
                # HELP "http.size" x
                # TYPE "http.size" gauge
                {"http.size"} 1
                {"http.size","a.b"="1",c="2"} 2

                """)
        #expect(
            inDialect(.underscores) == """
                # HELP http_size x
                # TYPE http_size gauge
                http_size 1
                http_size{a_b="1",c="2"} 2

                """)
        #expect(inDialect(.values).contains(#"U__http_2e_size{U__a_2e_b="1",c="2"} 2"#))
        #expect(inDialect(.dots).contains(#"http_dot_size{a_dot_b="1",c="2"} 2"#))
    }

    @Test func exemplarsStayWithin128Characters() {
        let long = String(repeating: "x", count: 60)
        let request = metrics {
            $0.metric("r", .sum(.cumulative, isMonotonic: true))
            $0.point(
                .int(1), at: Self.time,
                exemplars: [
                    Exemplar(
                        .double(1), timeUnixNano: 0,
                        traceID: Array(repeating: 1, count: 16),
                        filteredAttributes: [
                            Attribute("long", .string(long)), Attribute("no", .string(long)),
                        ])
                ])
        }
        let line = text(request, openMetrics).split(separator: "\n")[1]
        #expect(line.contains("trace_id=") && line.contains("long=") && !line.contains("no="))
    }

    /// Names that escaping makes longer count as what is written; those of the trace always fit.
    @Test(arguments: NameEscaping.allCases) func exemplarsWithEscapedNames(escaping: NameEscaping) {
        let request = metrics {
            $0.metric("r", .sum(.cumulative, isMonotonic: true))
            $0.point(
                .int(1), at: Self.time,
                exemplars: [
                    Exemplar(
                        .double(1), timeUnixNano: 0,
                        traceID: Array(repeating: 1, count: 16),
                        spanID: Array(repeating: 2, count: 8),
                        filteredAttributes: [
                            Attribute("", "nameless"),
                            Attribute(String(repeating: "é", count: 60), "v"),
                        ])
                ])
        }
        let dialect = ExpositionDialect(.openMetrics(version: "1.0.0"), escaping)
        let line = text(request, dialect).split(separator: "\n")[1]
        #expect(line.contains("trace_") && line.contains("span_"))
        #expect(!line.contains("nameless"))
        let labels = line.split(separator: "{")[1].split(separator: "}")[0]
        let isWhole = escaping == .allowUTF8 || escaping == .underscores
        #expect(labels.split(separator: ",").count == (isWhole ? 3 : 2), "\(labels)")
        #expect(labels.filter { $0 != "," && $0 != "=" && $0 != "\"" }.count <= 128)
    }

    @Test func classicBucketsOfNativeHistograms() {
        func bounds(_ scale: Int32, _ offset: Int32, _ counts: [UInt64], zero: UInt64 = 0) -> String
        {
            let request = metrics {
                $0.metric("h", .exponentialHistogram(.cumulative))
                $0.exponentialHistogramPoint(
                    count: counts.reduce(zero, +), sum: 1, scale: scale, zeroCount: zero,
                    positive: ExponentialBuckets(offset: offset, counts: counts), at: 5)
            }
            let lines = text(request).split(separator: "\n").filter { $0.contains("le=") }
            return lines.map { $0.dropFirst(#"h_bucket{le=""#.count) }.joined(separator: " ")
                .replacing("\"} ", with: ":")
        }
        #expect(bounds(0, 0, [1, 0, 0, 2]) == "2.0:1 4.0:1 8.0:1 16.0:3 +Inf:3")
        #expect(bounds(3, -8, Array(repeating: 1, count: 16)) == "1.0:8 2.0:16 +Inf:16")
        #expect(bounds(-2, 0, [1, 1]) == "16.0:1 32.0:1 64.0:1 128.0:1 256.0:2 +Inf:2")
        #expect(bounds(20, 1 << 20, [5], zero: 2) == "0.0:2 4.0:7 +Inf:7")
        #expect(bounds(0, 1023, [1]) == "+Inf:1")
        #expect(bounds(0, 0, []) == "+Inf:0")
    }

    @Test func nothingIsAnExpositionToo() {
        #expect(text([]) == "")
        #expect(text([], openMetrics) == "# EOF\n")
    }
}
