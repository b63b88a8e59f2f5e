import Synchronization
import Testing
import WeirSDK
import WeirTelemetry
import WeirTestKit

@testable import PrometheusPlugin

struct ScrapeTests {
    private static let exposition = """
        # TYPE requests_total counter
        requests_total{code="200"} 5
        # TYPE temperature gauge
        temperature 21.5

        """

    @Test func asksAsPrometheusDoes() throws {
        let bench = try ScrapeBench(
            #""scrape_timeout": "2500ms", "params": {"a": ["b"]}, "body_size_limit": "1MiB""#)
        bench.host.advance(by: .seconds(15))
        let sent = try #require(bench.host.client.sent.first)
        #expect(bench.host.client.sent.count == 1)
        #expect(sent.method == "GET")
        #expect(sent.path == "/metrics?a=b")
        #expect(sent.settings.contains(#""endpoint":"http://a:9100""#))
        #expect(sent.acceptsCompressed)
        #expect(sent.maxBody == 1 << 20)
        let headers = Dictionary(uniqueKeysWithValues: sent.headers.map { ($0.name, $0.value) })
        #expect(headers["x-prometheus-scrape-timeout-seconds"] == "2.5")
        #expect(headers["accept"]?.hasPrefix("application/openmetrics-text;version=1.0.0") == true)
        try bench.end()
    }

    @Test func emitsSamplesAndReport() throws {
        let bench = try ScrapeBench(answer: { _ in .text(Self.exposition) })
        bench.host.advance(by: .seconds(15))
        let points = try bench.points
        #expect(
            points.map(\.description) == [
                #"requests_total{code="200"} 5.0"#, "temperature{} 21.5", "up{} 1.0",
                "scrape_duration_seconds{} 0.0", "scrape_samples_scraped{} 2.0",
                "scrape_samples_post_metric_relabeling{} 2.0", "scrape_series_added{} 2.0",
            ])
        #expect(points.allSatisfy { $0.job == bench.job && $0.instance == "a:9100" })
        #expect(Set(points.map(\.time)).count == 1)
        bench.host.advance(by: .seconds(15))
        #expect(try bench.values("scrape_series_added") == [2, 0])
        #expect(try bench.values("up") == [1, 1])
        let times = try bench.points.filter { $0.name == "up" }.map(\.time)
        #expect(times[1] - times[0] == 15_000_000_000)
        try bench.end()
    }

    @Test func addsExtraMetrics() throws {
        let bench = try ScrapeBench(
            #""extra_scrape_metrics": true, "sample_limit": 10, "scrape_timeout": "5s""#,
            answer: { _ in .text("a 1\n") })
        bench.host.advance(by: .seconds(15))
        #expect(try bench.values("scrape_timeout_seconds") == [5])
        #expect(try bench.values("scrape_sample_limit") == [10])
        #expect(try bench.values("scrape_body_size_bytes") == [4])
        try bench.end()
    }

    @Test func relabelsSeries() throws {
        let bench = try ScrapeBench(
            """
            "metric_relabel_configs": [
              {"source_labels": ["__name__"], "regex": "temp.*", "action": "drop"},
              {"source_labels": ["code"], "regex": "(.)00", "target_label": "class",
               "replacement": "${1}xx"}]
            """, global: #"{"external_labels": {"site": "x"}}"#,
            answer: { _ in .text(Self.exposition) })
        bench.host.advance(by: .seconds(15))
        let points = try bench.points
        #expect(points[0].description == #"requests_total{class="2xx",code="200",site="x"} 5.0"#)
        #expect(try bench.values("temperature") == [])
        #expect(try bench.values("scrape_samples_scraped") == [2])
        #expect(try bench.values("scrape_samples_post_metric_relabeling") == [1])
        #expect(points.last?.labels == ["site": "x"])
        try bench.end()
    }

    @Test func marksWhatVanishesStale() throws {
        let round = Atomic<Int>(0)
        let bench = try ScrapeBench(answer: { _ in
            let isFirst = round.add(1, ordering: .relaxed).newValue == 1
            return .text(isFirst ? Self.exposition : "temperature 20\n")
        })
        bench.host.advance(by: .seconds(30))
        #expect(try bench.values("requests_total") == [5, nil])
        #expect(try bench.values("temperature") == [21.5, 20])
        try bench.end()
    }

    /// Each target at its own moment, every 15 seconds, and never two requests at a time.
    @Test func scrapesEachTargetOnceAnInterval() throws {
        let names = (0..<20).map { "\"t\($0):1\"" }.joined(separator: ",")
        let host = Mutex<FakeHost?>(nil)
        let moments = Mutex<[String: [UInt64]]>([:])
        let bench = try ScrapeBench(
            targets: "[\(names)]",
            answer: { request in
                let now = host.withLock { $0?.monotonic } ?? 0
                moments.withLock { $0[request.settings, default: []].append(now) }
                return .text("a 1\n")
            })
        host.withLock { $0 = bench.host }
        bench.host.advance(by: .seconds(150))
        let all = moments.withLock { $0 }
        #expect(all.count == 20)
        for times in all.values {
            #expect(times.count == 10)
            #expect(zip(times, times.dropFirst()).allSatisfy { $1 - $0 == 15_000_000_000 })
        }
        #expect(Set(all.values.map { $0[0] % 15_000_000_000 }).count == 20)
        try bench.end()
    }

    @Test func oneScrapeAtATime() throws {
        let bench = try ScrapeBench()
        bench.host.advance(by: .seconds(60))
        // The first answer never came: three ticks passed without a request.
        #expect(bench.host.client.sent.count == 1)
        #expect(bench.host.emitted.isEmpty)
        bench.host.client.reply(to: 0, .text("a 1\n"))
        #expect(try bench.values("up") == [1])
        bench.host.advance(by: .seconds(15))
        #expect(bench.host.client.sent.count == 2)
        try bench.end()
    }

    // MARK: What follows is busy

    @Test func holdsAndTriesAgain() throws {
        let bench = try ScrapeBench(
            #""scrape_interval": "1h""#, answer: { _ in .text("a 1\n") })
        let attempts = Atomic<Int>(0)
        bench.host.answerEmit { _ in
            attempts.add(1, ordering: .relaxed)
            return .retry("busy")
        }
        while attempts.load(ordering: .relaxed) == 0 { bench.host.advance(by: .seconds(1)) }
        bench.host.advance(by: .seconds(30))
        #expect(attempts.load(ordering: .relaxed) > 30)
        #expect(bench.host.emitted.isEmpty)
        bench.host.answerEmit(nil)
        bench.host.advance(by: .seconds(1))
        #expect(try bench.values("a") == [1])
        #expect(bench.host.dropped.isEmpty)
        try bench.end()
    }

    /// A scrape that is not taken until the next one begins is dropped: never out of order.
    @Test func dropsWhatIsTooLate() throws {
        let count = Atomic<Int>(0)
        let bench = try ScrapeBench(answer: { _ in
            .text("a \(count.add(1, ordering: .relaxed).newValue)\n")
        })
        bench.host.answerEmit { _ in .retry("busy") }
        bench.host.advance(by: .seconds(50))
        bench.host.answerEmit(nil)
        bench.host.advance(by: .seconds(25))
        let values = try bench.values("a").compactMap { $0 }
        #expect(values == values.sorted() && !values.isEmpty)
        #expect(bench.host.dropped.allSatisfy { $0.reason == "full" && $0.items == 6 })
        #expect(values.count + bench.host.dropped.count == 5)
        let times = try bench.points.filter { $0.name == "a" }.map(\.time)
        #expect(times == times.sorted())
        try bench.end()
    }

    @Test func countsWhatIsRefused() throws {
        let bench = try ScrapeBench(answer: { _ in .text("a 1\n") })
        bench.host.answerEmit { _ in .refused("no") }
        bench.host.advance(by: .seconds(15))
        #expect(
            bench.host.dropped == [DroppedItems(items: 6, signal: .metrics, reason: "refused")])
        bench.host.answerEmit(nil)
        try bench.end()
    }

    @Test func drainSaysWhatIsHeld() throws {
        let bench = try ScrapeBench(answer: { _ in .text("a 1\n") })
        bench.host.answerEmit { _ in .retry("busy") }
        bench.host.advance(by: .seconds(15))
        #expect(throws: ComponentError.self) { try bench.receiver.drain() }
        bench.host.answerEmit(nil)
        try bench.receiver.drain()
        #expect(try bench.values("up") == [1])
        bench.host.advance(by: .seconds(60))
        #expect(bench.host.client.sent.count == 1)
        try bench.end()
    }

    @Test func stopCountsWhatIsHeld() throws {
        let bench = try ScrapeBench(answer: { _ in .text("a 1\n") })
        bench.host.answerEmit { _ in .retry("busy") }
        bench.host.advance(by: .seconds(15))
        try bench.receiver.stop()
        bench.receiver.destroy()
        #expect(
            bench.host.dropped == [DroppedItems(items: 6, signal: .metrics, reason: "stopped")])
        try bench.host.checkClean()
    }

    /// As Prometheus: a target that is still there gets no stale markers at the end of the process.
    @Test func stopIsNotTheEndOfTargets() throws {
        let bench = try ScrapeBench(answer: { _ in .text("a 1\n") })
        bench.host.advance(by: .seconds(15))
        let host = bench.host
        try bench.end()
        #expect(host.emitted.count == 1)
        #expect(host.timerCount == 0)
    }

    @Test func largeExpositionsAreReadByTheWorker() throws {
        let body = (0..<20_000).map { "metric_\($0 % 100){n=\"\($0)\"} 1\n" }.joined()
        #expect(body.utf8.count > ScrapeLoop.mostReadInPlace)
        let bench = try ScrapeBench(answer: { _ in .text(body) })
        bench.host.advance(by: .seconds(15))
        #expect(try eventually { bench.host.emitted.count == 1 })
        #expect(try bench.values("scrape_samples_scraped") == [20_000])
        try bench.end()
    }
}
