import Glibc
import Synchronization
import Testing
import WeirSDK
import WeirTestKit

@testable import PrometheusPlugin

struct ScrapeFaultTests {
    /// What the target does, and what is said about it.
    static let faults: [(reply: FakeReply, job: String, says: String)] = [
        (.failure(.refused("connection refused")), "", "connection refused"),
        (.failure(.timeout("the deadline passed")), "", "timeout after 10s"),
        (FakeReply(code: 503), "", "HTTP status 503 Service Unavailable"),
        (FakeReply(code: 302), "", "HTTP status 302 Found"),
        (FakeReply(code: 418), "", "HTTP status 418"),
        (
            FakeReply(code: 200, body: [UInt8](repeating: 0x61, count: 200)),
            #""body_size_limit": "100""#, "body over the limit of 100 bytes (body_size_limit)"
        ),
        (
            .text("a 1\nb 2\nc 3\n"), #""sample_limit": 2"#,
            "found 3 samples after relabelling and read no further, sample_limit allows 2"
        ),
        (.text("a{b=\"c\"} 1\n"), #""label_limit": 3"#, "(label_limit)"),
        (
            .text("a{long_name=\"c\"} 1\n"), #""label_name_length_limit": 8"#,
            "(label_name_length_limit)"
        ),
        (
            .text("a{b=\"0123456789abcdef\"} 1\n"), #""label_value_length_limit": 15"#,
            "(label_value_length_limit)"
        ),
        (.text("a 1\n{{{{\n"), "", "parse error at line 2"),
        (.text("<!doctype html><html>"), "", "parse error at line 1"),
        (
            FakeReply(code: 200, body: [0xff, 0x00, 0x80], contentType: "text/plain"), "",
            "parse error"
        ),
    ]

    @Test(arguments: faults.indices)
    func saysWhy(_ row: Int) throws {
        let (reply, job, says) = Self.faults[row]
        let bench = try ScrapeBench(job, answer: { _ in reply })
        bench.host.advance(by: .seconds(30))
        #expect(try bench.values("up") == [0, 0])
        let json = try bench.targets()
        #expect(json.contains(#""health":"down""#))
        let error = json.split(separator: #""lastError":""#).last?.prefix { $0 != "\"" } ?? ""
        #expect(error.contains(says), "\(error)")
        let warnings = bench.host.logs.filter { $0.level == .warning }
        // Once for both scrapes.
        #expect(warnings.count == 1)
        #expect(warnings.first?.message.contains("http://a:9100/metrics") == true)
        try bench.end()
    }

    /// A failure ends the series that were there, and a success begins them anew.
    @Test func failureMarksStale() throws {
        let round = Atomic<Int>(0)
        let bench = try ScrapeBench(answer: { _ in
            round.add(1, ordering: .relaxed).newValue == 2
                ? .failure(.refused("connection refused")) : .text("a 1\n")
        })
        bench.host.advance(by: .seconds(60))
        #expect(try bench.values("a") == [1, nil, 1, 1])
        #expect(try bench.values("up") == [1, 0, 1, 1])
        #expect(try bench.values("scrape_series_added") == [1, 0, 1, 0])
        #expect(bench.host.logs.contains { $0.message.contains("succeeds again") })
        try bench.end()
    }

    /// A scrape that breaks a limit leaves nothing of itself behind.
    @Test func limitsFailTheWholeScrape() throws {
        let round = Atomic<Int>(0)
        let bench = try ScrapeBench(
            #""sample_limit": 2"#,
            answer: { _ in
                round.add(1, ordering: .relaxed).newValue == 2
                    ? .text("a 1\nb 1\nc 1\n") : .text("a 1\nb 1\n")
            })
        bench.host.advance(by: .seconds(30))
        #expect(try bench.values("a") == [1, nil])
        #expect(try bench.values("c") == [])
        #expect(try bench.values("up") == [1, 0])
        try bench.end()
    }

    @Test func tooManyTargetsAreNotScraped() throws {
        let bench = try ScrapeBench(
            #""target_limit": 2"#, targets: #"["a:1", "b:1", "c:1"]"#,
            answer: { _ in .text("a 1\n") })
        bench.host.advance(by: .seconds(15))
        #expect(bench.host.client.sent.isEmpty)
        #expect(try bench.values("up") == [0, 0, 0])
        #expect(try bench.targets().contains("3 targets, over the limit of 2 (target_limit)"))
        try bench.end()
    }

    /// Ten million series: the limit of the body holds before anything is read.
    @Test func tenMillionSeries() throws {
        let bench = try ScrapeBench(
            #""body_size_limit": "10MB""#, answer: { _ in .text(series(10_000_000)) })
        bench.host.advance(by: .seconds(15))
        #expect(try bench.values("up") == [0])
        #expect(try bench.values("scrape_samples_scraped") == [0])
        try bench.end()
    }

    /// What the worker reads is limited as what is read in place.
    @Test func limitsHoldInLargeExpositions() throws {
        let bench = try ScrapeBench(
            #""sample_limit": 1000"#, answer: { _ in .text(series(50_000)) })
        bench.host.advance(by: .seconds(15))
        #expect(try eventually { bench.host.emitted.count == 1 })
        #expect(try bench.values("up") == [0])
        #expect(try bench.points.count == 5)
        try bench.end()
    }

    /// A target that never answers in time and one that refuses, thousands of times, in a process
    /// of its own: nothing grows but what the fake host writes down, which is a kilobyte or two.
    /// Under a sanitizer nothing is counted but the rounds.
    @Test func failuresCostNoMemory() async {
        await #expect(processExitsWith: .success) {
            let round = Atomic<Int>(0)
            let bench = try ScrapeBench(answer: { _ in
                round.add(1, ordering: .relaxed).newValue % 2 == 0
                    ? .failure(.timeout("the deadline passed")) : .failure(.refused("refused"))
            })
            bench.host.answerEmit { _ in .refused("nothing is kept") }
            bench.host.advance(by: .seconds(15 * 1000))
            let before = RemoteWriteMemoryTests.allocated()
            bench.host.advance(by: .seconds(15 * 4000))
            let growth = RemoteWriteMemoryTests.allocated() - before
            guard round.load(ordering: .relaxed) >= 4999, growth < 4000 * 2048,
                bench.host.heldBytes == 0
            else { fatalError("\(growth) bytes more after 4000 failures") }
            bench.host.answerEmit(nil)
            try bench.end()
        }
    }

    /// The end while requests are under way: they are cancelled, and that is no failure.
    @Test func stopWhileScraping() throws {
        let bench = try ScrapeBench(targets: #"["a:1", "b:1", "c:1"]"#)
        bench.host.advance(by: .seconds(15))
        #expect(bench.host.client.sent.count == 3)
        let host = bench.host
        try bench.end()
        #expect(host.emitted.isEmpty)
        #expect(!host.logs.contains { $0.level == .warning })
    }
}

/// So many gauges, each with a name of its own.
private func series(_ count: Int) -> String {
    var text = ""
    text.reserveCapacity(count * 12)
    for index in 0..<count { text += "m\(index) 1\n" }
    return text
}
