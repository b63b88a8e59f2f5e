import Testing
import WeirPrometheus
import WeirTelemetry

@Suite struct AssemblyTests {
    @Test func groupsByTargetAndFamily() throws {
        let text = """
            # HELP up_time_seconds Since\\nwhen.
            # TYPE up_time_seconds gauge
            up_time_seconds 1.5
            # TYPE requests_total counter
            requests_total{code="200"} 10
            requests_total{code="500"} 2
            plain 3

            """
        let scrape = try ScrapeAssembler().read(text)
        let points = readPoints(scrape.request)
        #expect(
            points.map(\.description) == [
                "up_time_seconds{} gauge 1.5", "requests_total{code=200} counter 10.0",
                "requests_total{code=500} counter 2.0", "plain{} gauge 3.0",
            ])
        #expect(points.map(\.type) == ["gauge", "counter", "counter", "unknown"])
        #expect(points[0].help == "Since\nwhen.")
        #expect(
            points.allSatisfy { $0.resource == ["service.instance.id=i", "service.name=j"] })
        #expect(points.allSatisfy { $0.time == 100 * second })
        #expect(points.map(\.start) == [0, 100 * second, 100 * second, 0])
        #expect(scrape.items == 4 && scrape.samplesScraped == 4)
        #expect(scrape.samplesAfterRelabel == 4 && scrape.seriesAdded == 4)
    }

    @Test func composesHistograms() throws {
        let text = """
            # TYPE h histogram
            h_bucket{a="1",le="1"} 1
            h_bucket{a="1",le="2.5"} 3
            h_bucket{a="1",le="+Inf"} 7
            h_sum{a="1"} 12.5
            h_count{a="1"} 7
            # TYPE e histogram
            e_bucket{le="+Inf"} 0
            e_sum 0
            e_count 0
            # TYPE n histogram
            n_count 4

            """
        #expect(
            try ScrapeAssembler().points(text) == [
                "h{a=1} histogram 7 12.5 [1.0, 2.5] [1, 2, 4]", "e{} histogram 0 0.0 [] [0]",
                "n{} histogram 4 - [] []",
            ])
    }

    @Test(arguments: [
        // No +Inf.
        ("h_bucket{le=\"1\"} 1\nh_sum 1\nh_count 1\n", ["h_bucket{le=1.0} gauge 1.0"]),
        // No count.
        ("h_bucket{le=\"+Inf\"} 1\n", ["h_bucket{le=+Inf} gauge 1.0"]),
        // Counts fall.
        (
            "h_bucket{le=\"1\"} 2\nh_bucket{le=\"+Inf\"} 1\nh_count 1\n",
            ["h_bucket{le=1.0} gauge 2.0", "h_bucket{le=+Inf} gauge 1.0", "h_count{} gauge 1.0"]
        ),
        // The count is another than that of +Inf.
        (
            "h_bucket{le=\"+Inf\"} 1\nh_count 2\n",
            ["h_bucket{le=+Inf} gauge 1.0", "h_count{} gauge 2.0"]
        ),
        // Not whole numbers.
        (
            "h_bucket{le=\"+Inf\"} 1.5\nh_count 1.5\n",
            ["h_bucket{le=+Inf} gauge 1.5", "h_count{} gauge 1.5"]
        ),
        // Of different times.
        (
            "h_bucket{le=\"+Inf\"} 1 5000\nh_count 1\n",
            ["h_bucket{le=+Inf} gauge 1.0", "h_count{} gauge 1.0"]
        ),
        // Parts without what makes them parts.
        ("h_bucket 1\n", ["h_bucket{} gauge 1.0"]), ("h 1\n", ["h{} gauge 1.0"]),
        ("h_bucket{le=\"x\"} 1\n", ["h_bucket{le=x} gauge 1.0"]),
    ])
    func histogramsThatAreNotWholePassAsTheirSeries(_ lines: String, _ expected: [String]) throws {
        let scrape = try ScrapeAssembler().read("# TYPE h histogram\n" + lines)
        let points = readPoints(scrape.request)
        #expect(Set(points.map(\.description)).isSuperset(of: expected))
        #expect(points.count == lines.split(separator: "\n").count)
        #expect(points.allSatisfy { $0.type == "histogram" })
    }

    @Test func composesSummaries() throws {
        let text = """
            # TYPE s summary
            s{quantile="0.5"} 1.5
            s{quantile="0.99"} NaN
            s_sum 12.5
            s_count 7
            # TYPE t summary
            t{quantile="0.5"} 2

            """
        #expect(
            try ScrapeAssembler().points(text) == [
                #"s{} summary 7 12.5 ["0.5=1.5", "0.99=nan(0x1)"]"#, "t{quantile=0.5} gauge 2.0",
            ])
    }

    @Test func knowsOpenMetricsTypes() throws {
        let text = """
            # TYPE c counter
            # UNIT w_seconds seconds
            # TYPE w_seconds gauge
            c_total 5 # {trace_id="0123456789abcdef0123456789abcdef",x="y"} 0.5 3.25
            c_created 50.125
            w_seconds 1
            # TYPE i info
            i_info{version="1"} 1
            # TYPE st stateset
            st{st="on"} 1
            st{st="off"} 0
            # TYPE gh gaugehistogram
            gh_bucket{le="1"} 2
            gh_bucket{le="+Inf"} 3
            gh_gsum 4
            gh_gcount 3
            # TYPE u unknown
            u 7 60.5
            # EOF

            """
        let scrape = try ScrapeAssembler().read(text, openMetrics: true)
        let points = readPoints(scrape.request)
        #expect(
            Set(points.map(\.description)) == [
                #"c_total{} counter 5.0 ["0.5@3250000000 [\"0123456789abcdef0123456789abcdef\"] [\"x=y\"]"]"#,
                "w_seconds{} gauge 1.0", "i_info{version=1} state 1.0", "st{st=on} state 1.0",
                "st{st=off} state 0.0", "gh{} histogram 3 4.0 [1.0] [2, 1]", "u{} gauge 7.0",
            ])
        let counter = try #require(points.first { $0.name == "c_total" })
        #expect(counter.start == 50_125_000_000 && counter.hasCreated)
        #expect(points.first { $0.name == "w_seconds" }?.unit == "seconds")
        #expect(points.first { $0.name == "u" }?.time == 60_500_000_000)
        #expect(
            points.map(\.type).sorted() == [
                "counter", "gauge", "gaugehistogram", "info", "stateset", "stateset", "unknown",
            ])
        #expect(scrape.samplesScraped == 11)
    }

    /// What prometheus_client makes of a counter that is called `..._created`, and of an info that is
    /// called `..._info`.
    @Test func namesThatLookLikeSuffixes() throws {
        let openMetrics = """
            # TYPE maintenance_records_created counter
            maintenance_records_created_total{type="a"} 1.0
            maintenance_records_created_created{type="a"} 90.5
            # TYPE app_info info
            app_info_info{version="1"} 1.0
            # TYPE x counter
            x_total 1
            # TYPE x_created gauge
            x_created 5
            # EOF

            """
        let points = readPoints(
            try ScrapeAssembler().read(openMetrics, openMetrics: true).request)
        #expect(
            points.map(\.description).sorted() == [
                "app_info_info{version=1} state 1.0",
                "maintenance_records_created_total{type=a} counter 1.0", "x_created{} gauge 5.0",
                "x_total{} counter 1.0",
            ])
        #expect(points.first { $0.name.hasPrefix("main") }?.start == 90_500_000_000)
        #expect(points.first { $0.name == "x_total" }?.start == 100 * second)
        let text = """
            # TYPE maintenance_records_created_total counter
            maintenance_records_created_total{type="a"} 1.0
            # TYPE maintenance_records_created_created gauge
            maintenance_records_created_created{type="a"} 90.5

            """
        #expect(
            try ScrapeAssembler().points(text) == [
                "maintenance_records_created_total{type=a} counter 1.0",
                "maintenance_records_created_created{type=a} gauge 90.5",
            ])
    }

    @Test func scatteredAndLateMetadata() throws {
        let assembler = ScrapeAssembler()
        let text = "a_total 1\n# TYPE b gauge\nb 2\n# TYPE a_total counter\na_total{x=\"1\"} 3\n"
        #expect(
            try assembler.points(text) == [
                "a_total{} counter 1.0", "a_total{x=1} counter 3.0", "b{} gauge 2.0",
            ])
        // The type changes, and back; nothing goes stale by it.
        let changed = text.replacing("counter", with: "gauge")
        for (text, kind) in [(changed, "gauge"), (text, "counter"), (changed, "gauge")] {
            #expect(
                Set(try assembler.points(text)) == [
                    "a_total{} \(kind) 1.0", "a_total{x=1} \(kind) 3.0", "b{} gauge 2.0",
                ])
        }
    }
}
