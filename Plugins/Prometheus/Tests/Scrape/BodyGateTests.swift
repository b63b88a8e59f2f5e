import Testing
import WeirSDK
import WeirTestKit

@testable import PrometheusPlugin

/// Bodies that come piece by piece, from targets that do not mean well.
struct BodyGateTests {
    /// A body without an end: it is broken off right behind the limit, however large the pieces
    /// are, and the scrape fails as a whole.
    @Test(arguments: [1, 100, 10_000])
    func endlessBodiesAreBrokenOff(_ linesAtOnce: Int) throws {
        let bench = try ScrapeBench(#""sample_limit": 1000, "extra_scrape_metrics": true"#)
        bench.host.advance(by: .seconds(15))
        #expect(bench.host.client.sent.first?.isStreamed == true)
        var line = 0
        while bench.host.client.isWaiting(0), line < 1_000_000 {
            let piece = (line..<line + linesAtOnce).map { "# a\nm{n=\"\($0)\"} 1\n" }.joined()
            bench.host.client.chunk(to: 0, Array(piece.utf8))
            line += linesAtOnce
        }
        #expect(line <= 1000 + linesAtOnce)
        #expect(bench.host.client.cancelled == [0])
        #expect(try bench.values("up") == [0])
        #expect(try bench.values("m") == [])
        #expect(try bench.values("scrape_samples_scraped") == [Double(line)])
        #expect(
            try bench.targets().contains(
                "found \(line) samples after relabelling and read no further, "
                    + "sample_limit allows 1000"))
        // The next scrape is one of its own.
        bench.host.advance(by: .seconds(15))
        bench.host.client.reply(to: 1, .text("m 1\n"))
        #expect(try bench.values("up") == [0, 1])
        try bench.end()
    }

    /// What arrives in pieces is what arrives at once.
    @Test func piecesMakeOneBody() throws {
        let bench = try ScrapeBench(#""sample_limit": 3"#)
        bench.host.advance(by: .seconds(15))
        for piece in ["# HELP a x\n", "a 1", "\nb{c=\"", "\n\n\n\n", "\"} 2\nc ", "3"] {
            bench.host.client.chunk(to: 0, Array(piece.utf8))
        }
        bench.host.client.reply(to: 0, .text("4\n"))
        #expect(try bench.values("up") == [1])
        #expect(try bench.values("b") == [2])
        #expect(try bench.values("c") == [34])
        try bench.end()
    }

    /// Rules that drop samples decide what counts: the body is read to its end first.
    @Test func whatRulesDropDoesNotCount() throws {
        let bench = try ScrapeBench(
            """
            "sample_limit": 2, "metric_relabel_configs": [
              {"source_labels": ["__name__"], "regex": "d", "action": "drop"}]
            """, answer: { _ in .text("a 1\n" + (0..<99).map { "d{n=\"\($0)\"} 1\n" }.joined()) })
        bench.host.advance(by: .seconds(15))
        #expect(try bench.values("up") == [1])
        #expect(try bench.values("scrape_samples_post_metric_relabeling") == [1])
        try bench.end()
    }

    /// What has no limit is lent, not copied.
    @Test func withoutALimitNothingIsCopied() throws {
        let bench = try ScrapeBench()
        bench.host.advance(by: .seconds(15))
        #expect(bench.host.client.sent.first?.isStreamed == false)
        try bench.end()
    }

    @Test func largeBodiesInPiecesGoToTheWorker() throws {
        let bench = try ScrapeBench(#""sample_limit": 20000"#)
        bench.host.advance(by: .seconds(15))
        for start in stride(from: 0, to: 20_000, by: 500) {
            let piece = (start..<start + 500).map { "metric_x{n=\"\($0)\"} 1\n" }.joined()
            bench.host.client.chunk(to: 0, Array(piece.utf8))
        }
        bench.host.client.reply(to: 0, .text(""))
        #expect(try eventually { bench.host.emitted.count == 1 })
        #expect(try bench.values("scrape_samples_scraped") == [20_000])
        try bench.end()
    }

    /// Without `body_size_limit` a body has one nevertheless, whether it is gathered here or by the
    /// host: all of it is held, if it is packed or rules drop most of it.
    @Test(arguments: [
        "", #""sample_limit": 1000"#,
        #"""
        "sample_limit": 1000, "metric_relabel_configs": [
          {"source_labels": ["__name__"], "regex": "d", "action": "drop"}]
        """#,
    ])
    func whatIsHeldHasALimit(settings: String) throws {
        var reply = FakeReply.failure(.refused("the answer is too large"))
        reply.isTooLarge = true
        let answer = reply
        let bench = try ScrapeBench(settings, answer: { _ in answer })
        bench.host.advance(by: .seconds(15))
        #expect(bench.host.client.sent.first?.maxBody == 256 << 20)
        #expect(
            try bench.targets().contains("body over 256 MiB: set body_size_limit to take more"))
        #expect(try bench.values("up") == [0])
        try bench.end()
    }

    @Test func bodySizeLimitCounts() throws {
        let bench = try ScrapeBench(#""body_size_limit": "1GB""#)
        bench.host.advance(by: .seconds(15))
        #expect(bench.host.client.sent.first?.maxBody == 1 << 30)
        try bench.end()
    }
}
