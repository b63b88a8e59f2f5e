import Testing

/// The yardstick itself.
@Suite struct ParityTests {
    private static let theirs = """
        # HELP x_up Whether it is up.
        # TYPE x_up gauge
        x_up 1
        # TYPE x_reads_total counter
        x_reads_total{db="a",unused=""} 12
        # TYPE x_seconds histogram
        x_seconds_bucket{db="a",le="1"} 1
        x_seconds_bucket{db="a",le="+Inf"} 2
        x_seconds_sum{db="a"} 3.5
        x_seconds_count{db="a"} 2
        # TYPE go_threads gauge
        go_threads 4
        """

    @Test func readsTheTextFormat() throws {
        let page = try Exposition(
            Self.theirs + "\nplain{text=\"a\\\"b\\\\c\\nd,}\", other=\"é\"} -Inf 1700000000000\n")
        #expect(page["x_up"]?.type == "gauge" && page["x_up"]?.help == "Whether it is up.")
        #expect(page["x_seconds"]?.samples.count == 4)
        #expect(page["x_seconds"]?.labelNames == ["db"])
        #expect(page.value("x_seconds_bucket", ["le": "+Inf"]) == 2)
        #expect(page.value("x_seconds_bucket") == nil, "there are two")
        let plain = try #require(page["plain"]?.samples.first)
        #expect(plain.labels == ["text": "a\"b\\c\nd,}", "other": "é"])
        #expect(plain.value == -.infinity && page["plain"]?.type == "untyped")
    }

    @Test(arguments: ["x{a=b} 1", "x{a=\"b\" 1", "x", "x one", "x 1\nx 1"])
    func refusesWhatIsNone(_ page: String) {
        #expect(throws: Failure.self) { try Exposition(page) }
    }

    private static func parity(_ ours: String, _ terms: Parity.Terms = .init()) throws -> Parity {
        try Parity(ours: Exposition(ours), theirs: Exposition(theirs), terms)
    }

    @Test func theSameIsTheSame() throws {
        // An empty label is none, and a bound may be written otherwise.
        let ours = Self.theirs.replacing("le=\"1\"", with: "le=\"1.0\"")
        let parity = try Self.parity(ours, .init(stable: ["x_*"]))
        #expect(parity.faults == [] && parity.share == 1 && parity.theirs == 3)
    }

    @Test(arguments: [
        ("x_up 1", "x_up 2", "x_up is 2.0, theirs 1.0"),
        ("x_up gauge", "x_up counter", "x_up: is a counter, theirs a gauge"),
        ("db=\"a\",unused", "unused", "lacks the labels [\"db\"]"),
        ("x_up 1", "x_up{new=\"1\"} 1", "has the labels [\"new\"]"),
        ("x_reads_total", "x_writes_total", "x_reads_total: is absent"),
    ])
    func aDifferenceIsSeen(_ old: String, _ new: String, _ expected: String) throws {
        let ours = Self.theirs.replacing(old, with: new)
        let parity = try Self.parity(ours, .init(stable: ["x_*"]))
        #expect(parity.faults.contains { $0.contains(expected) }, "\(parity.faults)")
    }

    @Test func whatIsExplainedIsAllowedUpToAShare() throws {
        let ours = Self.theirs.replacing("x_reads_total", with: "x_writes_total")
        var terms = Parity.Terms(differences: ["x_reads_*": "nobody reads"], atLeast: 0.6)
        let parity = try Self.parity(ours, terms)
        #expect(parity.faults == [] && parity.same == 2)
        terms.atLeast = 0.95
        #expect(try !Self.parity(ours, terms).faults.isEmpty)
    }

    @Test func thePageIsCompared() throws {
        let page = ParityPage("x", counterpart: "x-exporter 1", try Self.parity(Self.theirs))
        #expect(page.text.contains("| `x_seconds` | histogram | `db` | yes | yes |  |\n"))
        #expect(page.text.contains("3 are here with the same name, type and labels (100.0 %)"))
        #expect(page.differences(from: page.text, isComplete: true) == [])
        let more = page.text + "| `x_elsewhere` | gauge |  | yes | yes |  |\n"
        #expect(page.differences(from: more, isComplete: true) == [])
        let other = page.text.replacing("histogram", with: "summary")
        #expect(page.differences(from: other, isComplete: false).count == 1)
        let less = page.text.replacing("| `x_up`", with: "")
        #expect(page.differences(from: less, isComplete: true).count == 1)
        #expect(page.differences(from: less, isComplete: false) == [])
    }
}
