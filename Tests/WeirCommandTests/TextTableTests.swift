import Testing

@testable import WeirCommand

@Suite struct TextTableTests {
    private let table = TextTable(
        heading: ["KIND", "TYPE", "STABILITY", "SIGNALS", "PLUGIN", "SUMMARY"],
        rows: [
            [
                "receiver", "prometheusremotewrite", "alpha", "traces,metrics,logs",
                "weir.prometheus 0.1.0",
                "Receives Prometheus remote write, 1.0 and 2.0, from whoever sends it to us.",
            ],
            ["sink", "nop", "stable", "metrics", "weir.nop 0.1.0", "Takes everything."],
        ], mayGo: [4, 3, 2])

    /// What is in every line, at least: nothing is lost but columns that may go.
    @Test(arguments: [60, 80, 100, 120, 140])
    func isNotWiderThanTheTerminal(width: Int) {
        let lines = table.lines(width: width)
        #expect(lines.allSatisfy { $0.count <= width }, "\(lines)")
        let words = lines.joined(separator: " ").split(separator: " ")
        for row in table.rows {
            for word in [row[0], row[1]] + row[5].split(separator: " ").map(String.init) {
                #expect(words.contains(Substring(word)), "\(word)")
            }
        }
    }

    @Test func withoutALimitEachRowIsOneLine() {
        let lines = table.lines(width: nil)
        #expect(lines.count == 3)
        #expect(lines[0].hasPrefix("KIND      TYPE                   STABILITY  SIGNALS"))
        #expect(lines[2].contains("weir.nop 0.1.0") && lines[2].hasSuffix("Takes everything."))
    }

    @Test func columnsGoAsFarAsTheyHaveTo() {
        func heading(_ width: Int) -> [Substring] {
            table.lines(width: width)[0].split(separator: " ")
        }
        #expect(heading(140).count == 6)
        #expect(heading(120) == ["KIND", "TYPE", "STABILITY", "SIGNALS", "SUMMARY"])
        #expect(heading(80) == ["KIND", "TYPE", "SUMMARY"])
    }

    @Test(arguments: [
        ("", 10, [""]), ("one two three", 7, ["one two", "three"]),
        ("one two three", 3, ["one", "two", "three"]), ("unbreakable", 4, ["unbreakable"]),
        ("a unbreakable b", 4, ["a", "unbreakable", "b"]),
    ])
    func wraps(text: String, width: Int, lines: [String]) {
        #expect(wrapped(text, width) == lines)
    }
}
