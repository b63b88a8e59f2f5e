import Testing
import WeirPrometheus

@Suite struct SampleCounterTests {
    @Test(arguments: [
        ("", 0), ("\n\n \t\n", 0), ("a 1", 1), ("a 1\n", 1), ("a 1\nb 2\n", 2),
        ("# HELP a it's \"quoted\n# TYPE a gauge\na 1\n# EOF\n", 1),
        ("  a 1\n", 1), ("{\"a.b\"} 1\n:x 2\n_y 3\n", 3),
        // Line breaks, escapes and hashes within quotes.
        ("a{b=\"c\nd 1\n\"} 1\nb 2\n", 2), ("a{b=\"\\\"\n\\\\\"} 1\nb 2\n", 2),
        ("a{b=\"#\"} 1 # {c=\"\nx\"} 1\nb 2\n", 2),
        // No text: from there on nothing counts.
        ("a 1\n\u{1}b 2\nc 3\n", 1), ("a 1\n9 1\nb 1\n", 1), ("a 1\u{0}\nb 1\nc 1\n", 1),
        ("\u{5}\n\u{3}abc\u{12}\na\nb\n", 0),
    ])
    func counts(_ text: String, _ expected: Int) {
        let bytes = Array(text.utf8)
        // Whole, byte by byte, and cut anywhere.
        for size in [1, 2, 3, 7, max(1, bytes.count)] {
            var counter = SampleCounter()
            for start in stride(from: 0, to: bytes.count, by: size) {
                let piece = Array(bytes[start..<min(start + size, bytes.count)])
                unsafe counter.add(piece.span.bytes)
            }
            #expect(counter.count == expected, "in pieces of \(size)")
        }
    }
}
