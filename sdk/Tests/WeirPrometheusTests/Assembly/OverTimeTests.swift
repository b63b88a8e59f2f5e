import Testing
import WeirPrometheus
import WeirTelemetry

/// What the assembler makes of one scrape after the other.
@Suite struct OverTimeTests {
    private func points(
        _ assembler: ScrapeAssembler, _ text: String, at seconds: UInt64, openMetrics: Bool = false
    ) throws -> [ReadPoint] {
        readPoints(
            try assembler.read(text, openMetrics: openMetrics, at: seconds * second).request)
    }

    @Test func valuesFollowAndSeriesAreAddedOnce() throws {
        let assembler = ScrapeAssembler()
        let text = "# TYPE a gauge\na{x=\"1\"} 1\na{x=\"2\"} 2\n# TYPE b counter\nb 3\n"
        #expect(try assembler.read(text).seriesAdded == 3)
        for round in 0..<5 {
            let scrape = try assembler.read(
                text.replacing("b 3", with: "b \(3 + round)"), at: UInt64(200 + round) * second)
            #expect(scrape.seriesAdded == 0)
            #expect(
                readPoints(scrape.request).map(\.description) == [
                    "a{x=1} gauge 1.0", "a{x=2} gauge 2.0", "b{} counter \(3 + round).0",
                ])
        }
    }

    @Test(arguments: [
        // Another order, other blanks, another order of labels, a comment, no final newline.
        "b 3\na{y=\"2\",x=\"1\"} 1\n", "a{y=\"2\",x=\"1\"} 1\nb 3\n", "b  3\na{x=\"1\",y=\"2\"}  1",
        "# Hello.\na{x=\"1\",y=\"2\"} 1\n\n# Hello.\nb 3\n", "a {x=\"1\", y=\"2\",} 1\nb\t3",
    ])
    func theSameSeriesWrittenOtherwise(_ text: String) throws {
        let assembler = ScrapeAssembler()
        let first = "a{x=\"1\",y=\"2\"} 1\nb 3\n"
        let expected: Set = ["a{x=1,y=2} gauge 1.0", "b{} gauge 3.0"]
        #expect(Set(try assembler.points(first)) == expected)
        for text in [text, text, first, text] {
            let scrape = try assembler.read(text)
            #expect(Set(readPoints(scrape.request).map(\.description)) == expected)
            #expect(scrape.seriesAdded == 0 && scrape.duplicates == 0)
        }
    }

    @Test func vanishedSeriesGoStaleOnce() throws {
        let assembler = ScrapeAssembler()
        let histogram = """
            # TYPE h histogram
            h_bucket{le="1"} 1
            h_bucket{le="+Inf"} 2
            h_sum 3
            h_count 2

            """
        let summary = "# TYPE s summary\ns{quantile=\"0.5\"} 1\ns_sum 2\ns_count 3\n"
        _ = try assembler.read("# TYPE a gauge\na{x=\"1\"} 1\na{x=\"2\"} 2\n" + histogram + summary)
        let points = try points(assembler, "a{x=\"2\"} 2\n", at: 115)
        #expect(
            Set(points.map(\.description)) == [
                "a{x=2} gauge 2.0", "a{x=1} gauge stale", "h{} histogram stale 0 0.0 [1.0] [0, 0]",
                #"s{} summary stale 0 0.0 ["0.5=0.0"]"#,
            ])
        #expect(points.allSatisfy { $0.time == 115 * second })
        #expect(try assembler.points("a{x=\"2\"} 2\n") == ["a{x=2} gauge 2.0"])
        // It comes back as a new one.
        let back = try assembler.read("a{x=\"1\"} 1\na{x=\"2\"} 2\n" + histogram)
        #expect(back.seriesAdded == 5)
        #expect(try assembler.read("").items == 3)
        #expect(try assembler.read("").items == 0)
    }

    @Test func aBucketThatVanishesGoesStaleAlone() throws {
        let assembler = ScrapeAssembler()
        let head = "# TYPE h histogram\n"
        let rest = "h_bucket{le=\"+Inf\"} 2\nh_sum 3\nh_count 2\n"
        #expect(
            try assembler.points(head + "h_bucket{le=\"1\"} 1\n" + rest) == [
                "h{} histogram 2 3.0 [1.0] [1, 1]"
            ])
        #expect(
            Set(try assembler.points(head + rest)) == [
                "h{} histogram 2 3.0 [] [2]", "h_bucket{le=1.0} gauge stale",
            ])
        #expect(
            try assembler.points(head + "h_bucket{le=\"1\"} 1\n" + rest) == [
                "h{} histogram 2 3.0 [1.0] [1, 1]"
            ])
        // Not whole any more: its series go on alone, and none of them is stale but the one gone.
        #expect(
            Set(try assembler.points(head + "h_bucket{le=\"1\"} 1\nh_sum 3\nh_count 2\n")) == [
                "h_bucket{le=1.0} gauge 1.0", "h_bucket{le=+Inf} gauge stale", "h_sum{} gauge 3.0",
                "h_count{} gauge 2.0",
            ])
    }

    @Test func timestampsOfTheirOwn() throws {
        let text = "a 1 50000\nb 2\n"
        let assembler = ScrapeAssembler()
        let first = try points(assembler, text, at: 100)
        #expect(first.map(\.time) == [50 * second, 100 * second])
        // No stale marker, because the series never said that it is as old as the scrape.
        #expect(try points(assembler, "", at: 115).map(\.description) == ["b{} gauge stale"])
        let tracking = ScrapeAssembler { $0.trackTimestampsStaleness = true }
        _ = try tracking.read(text)
        #expect(try tracking.read("").items == 2)
        let ignoring = ScrapeAssembler { $0.honorTimestamps = false }
        #expect(
            try points(ignoring, text, at: 100).map(\.time) == [100 * second, 100 * second])
        #expect(try ignoring.read("").items == 2)
    }

    @Test func timestampsOutOfBounds() throws {
        let scrape = try ScrapeAssembler().read(
            "a 1 700000\nb 1 700001\nc 1 9223372036854775807\nd 1 -5.5\n# EOF".replacing(
                "d 1 -5.5\n# EOF", with: ""), at: 100 * second)
        #expect(readPoints(scrape.request).map(\.name) == ["a"])
        #expect(scrape.outOfBounds == 2 && scrape.samplesScraped == 3)
        let before = try ScrapeAssembler().read("d 1 -5.5\n# EOF", openMetrics: true)
        #expect(before.outOfBounds == 1 && before.items == 0)
    }

    @Test func startsAndResets() throws {
        let assembler = ScrapeAssembler()
        func starts(_ value: Int, at time: UInt64) throws -> [UInt64] {
            let text = """
                # TYPE c counter
                c \(value)
                # TYPE h histogram
                h_bucket{le="+Inf"} \(value)
                h_sum 1
                h_count \(value)
                # TYPE s summary
                s_sum 1
                s_count \(value)
                # TYPE g gauge
                g \(value)

                """
            return try points(assembler, text, at: time).map { $0.start / second }
        }
        #expect(try starts(5, at: 100) == [100, 100, 100, 0])
        #expect(try starts(5, at: 115) == [100, 100, 100, 0])
        #expect(try starts(9, at: 130) == [100, 100, 100, 0])
        #expect(try starts(3, at: 145) == [130, 130, 130, 0])
        #expect(try starts(4, at: 160) == [130, 130, 130, 0])
        // A failed scrape in between does not change when it began.
        _ = assembler.markAllStale(at: 175 * second)
        #expect(try starts(4, at: 190) == [130, 130, 130, 0])
        _ = try assembler.read("", at: 200 * second)
        #expect(try starts(4, at: 205) == [205, 205, 205, 0])
    }

    @Test func createdComesAndGoes() throws {
        let assembler = ScrapeAssembler()
        func read(_ created: String, at time: UInt64) throws -> [String] {
            try points(
                assembler,
                "# TYPE c counter\n\(created)c_total 5\n# TYPE h histogram\nh_count 1\n"
                    + created.replacing("c_", with: "h_") + "# EOF\n", at: time, openMetrics: true
            ).map { "\($0.name) \($0.hasCreated) \($0.start / second)" }.sorted()
        }
        #expect(try read("", at: 100) == ["c_total false 100", "h false 100"])
        #expect(try read("c_created 50\n", at: 115) == ["c_total true 50", "h true 50"])
        #expect(try read("c_created 60\n", at: 130) == ["c_total true 60", "h true 60"])
        #expect(try read("", at: 145).map { $0.split(separator: " ")[1] } == ["false", "false"])
        #expect(try read("c_created 60\n", at: 160) == ["c_total true 60", "h true 60"])
    }

    /// While a counter or histogram is not there, `_created` is a series of its own, from the first
    /// scrape on; when it is back, it is told at once since when it counts.
    @Test(arguments: [1, 2, 3]) func whatWasCreatedVanishesAndReturns(scrapesWithout: UInt64) throws
    {
        let assembler = ScrapeAssembler()
        func read(_ isThere: Bool, at time: UInt64) throws -> [String] {
            let text = """
                # TYPE c counter
                \(isThere ? "c_total{a=\"b\"} 5\n" : "")c_created{a="b"} 50
                # TYPE h histogram
                \(isThere ? "h_bucket{le=\"+Inf\"} 1\nh_count 1\n" : "")h_created 60
                # EOF

                """
            return try points(assembler, text, at: time, openMetrics: true).map {
                "\($0.name) \($0.data.hasPrefix("stale") ? "stale" : "\($0.hasCreated) \($0.start / second)")"
            }.sorted()
        }
        let whole = ["c_total true 50", "h true 60"]
        let alone = ["c_created false 0", "h_created false 0"]
        var time: UInt64 = 100
        func next(_ isThere: Bool) throws -> [String] {
            time += 15
            return try read(isThere, at: time)
        }
        for _ in 0..<3 {
            #expect(try next(true) == whole)
            #expect(try next(true) == whole)
            let first = try next(false)
            #expect(first.filter { !$0.contains("stale") } == alone)
            #expect(first.count == 4)
            for _ in 1..<scrapesWithout { #expect(try next(false) == alone) }
        }
    }

    /// It may also come first, or in the wrong order, and be dropped by none of this.
    @Test func createdBeforeItsCounter() throws {
        let assembler = ScrapeAssembler()
        func read(_ lines: String, at time: UInt64) throws -> [String] {
            try points(
                assembler, "# TYPE c counter\n\(lines)# EOF\n", at: time, openMetrics: true
            ).map { "\($0.name) \($0.attributes) \($0.hasCreated) \($0.start / second)" }.sorted()
        }
        let alone = #"c_created ["a=b"] false 0"#
        #expect(try read("c_created{a=\"b\"} 50\n", at: 100) == [alone])
        // Another counter is none of it.
        #expect(
            try read("c_total 1\nc_created{a=\"b\"} 50\n", at: 115) == [
                alone, "c_total [] false 115",
            ])
        #expect(
            try read("c_total 1\nc_created{a=\"b\"} 50\nc_total{a=\"b\"} 1\n", at: 130) == [
                #"c_total ["a=b"] true 50"#, "c_total [] false 115",
            ])
    }

    @Test func failedScrapesAndTheirEnd() throws {
        let assembler = ScrapeAssembler()
        _ = try assembler.read("a 1\nb 2\n")
        let error = #expect(throws: ExpositionError.self) { try assembler.read("a 1\nb 2\nc\n") }
        #expect(error?.samplesScraped == 2 && error?.line == 3)
        let stale = assembler.markAllStale(at: 130 * second)
        #expect(readPoints(stale.request).map(\.data) == ["stale", "stale"] && stale.items == 2)
        #expect(assembler.markAllStale(at: 145 * second).items == 0)
        let back = try assembler.read("a 1\nb 2\n")
        #expect(back.seriesAdded == 2 && back.items == 2)
        // What does not come back after a failure was marked stale already.
        _ = assembler.markAllStale(at: 160 * second)
        #expect(try assembler.read("a 1\n").items == 1)
    }

    @Test func duplicates() throws {
        let assembler = ScrapeAssembler()
        for _ in 0..<3 {
            let scrape = try assembler.read(
                "a{x=\"1\",y=\"2\"} 1\na{y=\"2\",x=\"1\"} 2\na{x=\"1\",y=\"2\"} 3\nb 1\nb 1\n")
            #expect(
                readPoints(scrape.request).map(\.description) == [
                    "a{x=1,y=2} gauge 1.0", "b{} gauge 1.0",
                ])
            #expect(scrape.duplicates == 3 && scrape.samplesAfterRelabel == 5)
        }
        // The first one goes; the other takes its place.
        let scrape = try assembler.read("a{y=\"2\",x=\"1\"} 2\nb 1\n")
        #expect(Set(readPoints(scrape.request).map(\.data)) == ["2.0", "1.0"])
        #expect(scrape.seriesAdded == 0 && scrape.duplicates == 0)
    }

    @Test func severalSamplesOfOneSeries() throws {
        let text = "# TYPE a counter\na 1 10000\na 2 20000\na 3 15000\na 4 30000\n"
        for scrape in [try ScrapeAssembler().read(text)] {
            #expect(
                Set(readPoints(scrape.request).map { "\($0.data)@\($0.time / second)" })
                    == ["1.0@10", "2.0@20", "4.0@30"])
            #expect(scrape.duplicates == 1)
        }
    }

    /// A target whose own timestamps go back: no point begins after itself.
    @Test func timestampsThatGoBack() throws {
        let assembler = ScrapeAssembler()
        var starts: [[UInt64]] = []
        for (value, time) in [(10, 90), (5, 50), (6, 60), (1, 20)] {
            let scrape = try assembler.read("# TYPE a counter\na \(value) \(time)000\n")
            let point = try #require(readPoints(scrape.request).first)
            starts.append([point.start / second, point.time / second])
        }
        #expect(starts == [[90, 90], [50, 50], [50, 60], [20, 20]])
    }

    /// Names that change with every scrape do not pile up.
    @Test func churnIsForgotten() throws {
        let assembler = ScrapeAssembler()
        for round in 0..<60 {
            var text = "# TYPE stays counter\nstays \(round)\n"
            text +=
                "# TYPE h histogram\nh_bucket{le=\"+Inf\"} \(round)\nh_sum 1\nh_count \(round)\n"
            for index in 0..<100 {
                text += "# HELP churn_\(round)_\(index) x\nchurn_\(round)_\(index){a=\"b\"} 1\n"
            }
            let scrape = try assembler.read(text, at: UInt64(100 + round) * second)
            #expect(scrape.seriesAdded == (round == 0 ? 104 : 100))
            #expect(scrape.items == (round == 0 ? 102 : 202))
            let points = readPoints(scrape.request)
            #expect(points.filter { $0.data == "stale" }.count == (round == 0 ? 0 : 100))
            #expect(points.first { $0.name == "stays" }?.start == 100 * second)
            #expect(points.first { $0.name == "h" }?.start == 100 * second)
            #expect(
                points.filter { $0.name.hasPrefix("churn_\(round)_") }.allSatisfy { $0.help == "x" }
            )
        }
        #expect(assembler.knownSeries < 2500)
    }

    /// A histogram of very many buckets in the worst order, whole, broken and gone.
    @Test(.timeLimit(.minutes(1))) func hugeHistogramsTakeNoLonger() throws {
        let assembler = ScrapeAssembler()
        var buckets = ""
        for index in (1...5_000).reversed() { buckets += "h_bucket{le=\"\(index)\"} \(index)\n" }
        let head = "# TYPE h histogram\nh_bucket{le=\"+Inf\"} 5000\n" + buckets
        #expect(try assembler.read(head + "h_count 5000\n").items == 1)
        #expect(try assembler.read(head).items == 5_002)
        #expect(try assembler.read("").items == 5_001)
    }
}
