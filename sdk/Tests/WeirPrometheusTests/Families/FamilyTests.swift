import Testing
import WeirPrometheus

struct FamilyTests {
    private func read(
        _ text: String, _ contentType: String = "text/plain; version=0.0.4",
        types: [String: MetricType] = [:]
    ) throws -> ReadExposition {
        try readFamilies(Array(text.utf8), contentType: contentType, types: types)
    }

    private func labels(_ pairs: (String, String)...) -> Labels {
        Labels(pairs.map { Label($0.0, $0.1) })
    }

    @Test func numbers() throws {
        let found = try read(
            """
            # HELP requests_total Requests\\nthat came.
            # TYPE requests_total counter
            requests_total{code="200"} 5
            requests_total{code="500",} 1 1700000000000
            # TYPE temperature gauge
            temperature -0.5
            odd{x="y"} NaN

            """)
        #expect(found.families.map(\.name) == ["requests_total", "temperature", "odd"])
        #expect(found.families.map(\.type) == [.counter, .gauge, .unknown])
        #expect(found.families[0].help == "Requests\nthat came.")
        #expect(
            found.families[0].points == [
                WeirPrometheus.ReadPoint(labels(("code", "200")), .number(5)),
                WeirPrometheus.ReadPoint(labels(("code", "500")), .number(1)),
            ])
        #expect(found.skipped == 0)
    }

    /// Of many families, those that somebody will ask for; the rest is known to be some.
    @Test(arguments: [
        (["istio_"], ["istio_a_total", "istio_b"]),
        (["istio_b", "envoy_x"], ["envoy_x", "istio_b", "envoy_xy"]),
        ([""], ["istio_a_total", "envoy_x", "istio_b", "envoy_xy", "q.a"]), (["nothing"], []),
        ([], []), (["envoy_xy", "q.a"], ["envoy_xy", "q.a"]),
    ])
    func wanted(_ wanted: [String], _ expected: [String]) throws {
        let text = """
            # HELP istio_a_total Of Istio.
            # TYPE istio_a_total counter
            istio_a_total{x="y"} 5
            # TYPE envoy_x gauge
            envoy_x 1
            # TYPE istio_b histogram
            istio_b_bucket{le="1"} 1
            istio_b_bucket{le="+Inf"} 2
            istio_b_sum 3
            istio_b_count 2
            envoy_xy{a="b"} 2
            {"q.a"} 1
            what is this

            """
        let found = try readFamilies(Array(text.utf8), contentType: "", wanted: wanted)
        #expect(
            found.families.map(\.name).filter { $0 != "q.a" } == expected.filter { $0 != "q.a" })
        #expect(found.skipped == 1)
        if let histogram = found["istio_b"] { #expect(histogram.type == .histogram) }
    }

    @Test func histogram() throws {
        let found = try read(
            """
            # TYPE d histogram
            d_bucket{a="1",le="0.5"} 2
            d_bucket{a="1",le="1"} 5
            d_bucket{a="1",le="+Inf"} 7
            d_sum{a="1"} 4.5
            d_count{a="1"} 7
            d_bucket{a="2",le="+Inf"} 0
            d_sum{a="2"} 0
            d_count{a="2"} 0
            """)
        #expect(
            found.families == [
                ReadFamily(
                    "d", .histogram,
                    points: [
                        WeirPrometheus.ReadPoint(
                            labels(("a", "1")),
                            .histogram(
                                ReadHistogram(
                                    bounds: [0.5, 1], buckets: [2, 3, 2], count: 7, sum: 4.5))),
                        WeirPrometheus.ReadPoint(
                            labels(("a", "2")),
                            .histogram(ReadHistogram(bounds: [], buckets: [0], count: 0, sum: 0))),
                    ])
            ])
    }

    /// Buckets in any order, falling, without +Inf, or without any.
    @Test(
        arguments: [
            (["1": 4, "0.5": 1], 6, [1, 3, 2], 6),
            (["0.5": 3, "1": 2, "+Inf": 5], 5, [3, 0, 2], 5),
            ([:], 9, [9], 9), (["1": 4], 3, [4, 0], 4),
        ] as [([String: Int], Int, [UInt64], UInt64)])
    func oddBuckets(
        _ buckets: [String: Int], _ count: Int, _ own: [UInt64], _ total: UInt64
    ) throws {
        let lines = buckets.map { "d_bucket{le=\"\($0.key)\"} \($0.value)\n" }.joined()
        let found = try read("# TYPE d histogram\n\(lines)d_count \(count)\n")
        guard case .histogram(let histogram) = found["d"]?.points.first?.value else {
            Issue.record("no histogram: \(found)")
            return
        }
        #expect(histogram.buckets == own && histogram.count == total)
    }

    @Test func summary() throws {
        let found = try read(
            """
            # TYPE vault_core_check_token summary
            vault_core_check_token{quantile="0.99"} 3
            vault_core_check_token{quantile="0.5"} NaN
            vault_core_check_token_sum 12.5
            vault_core_check_token_count 8
            """)
        guard case .summary(let summary) = found["vault_core_check_token"]?.points.first?.value
        else {
            Issue.record("no summary: \(found)")
            return
        }
        #expect(summary.count == 8 && summary.sum == 12.5)
        #expect(summary.quantiles.map(\.rank) == [0.5, 0.99])
        #expect(summary.quantiles[0].value.isNaN && summary.quantiles[1].value == 3)
    }

    /// As Istio's agent puts parts together: its own, Envoy's without types, an application's in
    /// OpenMetrics with its end, and one more.
    static let merged = """
        # HELP istio_agent_scrapes_total The total number of scrapes.
        # TYPE istio_agent_scrapes_total counter
        istio_agent_scrapes_total 7
        # TYPE istio_requests_total counter
        istio_requests_total{response_code="200",} 12
        # TYPE envoy_time histogram
        envoy_time_bucket{le="1"} 1
        envoy_time_bucket{le="+Inf"} 2
        envoy_time_sum{} 3
        envoy_time_count{} 2
        # TYPE app_hits counter
        # UNIT app_hits hits
        app_hits_total{x="1"} 4 # {trace_id="abc"} 1.0 1700000000.5
        app_hits_created{x="1"} 1.7e9
        # EOF
        this line is nothing
        # TYPE istio_requests_total untyped
        istio_requests_total{response_code="200"} 99
        istio_requests_total{response_code="503"} 1
        late 1
        # EOF

        """

    @Test(arguments: ["text/plain", "application/openmetrics-text; version=1.0.0", "", "text/html"])
    func putTogether(_ contentType: String) throws {
        let found = try read(Self.merged, contentType)
        #expect(
            found.families.map { "\($0.name) \($0.type) \($0.points.count)" } == [
                "istio_agent_scrapes_total counter 1", "istio_requests_total counter 2",
                "envoy_time histogram 1", "app_hits_total counter 1", "late unknown 1",
            ])
        #expect(found["istio_requests_total"]?.points[0].value == .number(12))
        #expect(found["app_hits_total"]?.points[0].value == .number(4))
        // To Prometheus' text a unit is a comment.
        let isOpenMetrics = contentType.hasPrefix("application/openmetrics")
        #expect(found["app_hits_total"]?.unit == (isOpenMetrics ? "hits" : ""))
        #expect(found.skipped == 1)
        #expect(found.firstFault != nil)
    }

    /// A type that the caller knows stands in for one that is missing, never for one that is there.
    @Test func typesThatAreMissing() throws {
        let text = "d_bucket{le=\"+Inf\"} 1\nd_count 1\nd_sum 2\n# TYPE g gauge\ng 1\nc 1\n"
        let plain = try read(text)
        #expect(plain.families.map(\.name) == ["d_bucket", "d_count", "d_sum", "g", "c"])
        let typed = try read(text, types: ["d": .histogram, "g": .counter, "c": .counter])
        #expect(typed.families.map(\.name) == ["d", "g", "c"])
        #expect(typed.families.map(\.type) == [.histogram, .gauge, .counter])
    }

    @Test func partsOfOpenMetrics() throws {
        let found = try read(
            """
            # TYPE build info
            build_info{v="1"} 1
            # TYPE state stateset
            state{state="a"} 1
            # TYPE g gaugehistogram
            g_bucket{le="+Inf"} 3
            g_gcount 3
            g_gsum 4
            # TYPE u unknown
            u 1 1700000000.123
            # EOF

            """, "application/openmetrics-text")
        #expect(
            found.families.map { "\($0.name) \($0.type)" } == [
                "build_info gauge", "state gauge", "g_bucket gauge", "g_gcount gauge",
                "g_gsum gauge", "u unknown",
            ])
        #expect(found.skipped == 0)
    }

    /// A page of a proxy or a login in place of metrics is an error, an empty answer is none.
    @Test func nothingToRead() throws {
        let error = #expect(throws: ExpositionError.self) {
            try read("<html>\n<body>Sign in</body>\n</html>\n", "text/html")
        }
        #expect(error?.line == 1)
        // However long it is, it is not read to its end.
        #expect(throws: ExpositionError.self) {
            try read(String(repeating: "<p>\n", count: 1500) + "ok 1\n")
        }
        #expect(try read(String(repeating: "<p>\n", count: 900) + "ok 1\n").skipped == 900)
        #expect(try read("").families.isEmpty)
        #expect(try read("# EOF\n", "application/openmetrics-text").families.isEmpty)
    }

    @Test(arguments: [
        "x{", "x{a=", "x{a=\"", "x 1 2 3 4", "# TYPE", "# TYPE x", "\u{0}", "{}", "x{le=\"0\"} ",
        "# TYPE x histogram\nx_bucket{le=\"a\"} 1", "# TYPE x histogram\nx 1", "\r\n\r\n", "{} 1\n",
    ])
    func pieces(_ text: String) throws {
        for contentType in ["text/plain", "application/openmetrics-text"] {
            let found = try? read("ok 1\n" + text, contentType)
            #expect(found?.families.first?.name == "ok")
            #expect(found?.families.count == 1)
        }
    }
}
