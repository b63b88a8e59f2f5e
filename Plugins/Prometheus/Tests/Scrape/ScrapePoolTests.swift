import Testing
import WeirPrometheus
import WeirSDK
import WeirTestKit

@testable import PrometheusPlugin

struct ScrapePoolTests {
    /// A pool on a fake host, without the receiver around it.
    private final class Bench: Sendable {
        let host = FakeHost()
        let worker = Worker()
        let pool: ScrapePool

        init(_ keys: String = "") throws {
            let seen = host.asSeenByPlugin
            let job = try jobs(
                #"{"scrape_configs": [{"job_name": "p", "scrape_interval": "10s"\#(keys)}]}"#)[0]
            guard let timers = seen.timers, let http = seen.httpClient else {
                throw TestFailure("the fake host lacks something")
            }
            pool = ScrapePool(job, seen, timers, http, worker, seed: 1)
            host.client.answer { request in
                .text("a{n=\"\(request.settings.count)\"} 1\n")
            }
        }

        /// Replaces the targets, and waits until that is done.
        func find(_ addresses: [String], labels: [String: String] = [:]) throws {
            let group = TargetGroup(
                source: "s", targets: addresses.map { Labels([Label("__address__", $0)]) },
                labels: Labels(labels.map { Label($0.key, $0.value) }))
            let isDone = Flag()
            pool.update([group])
            worker.submit { isDone.set() }
            guard try eventually({ isDone.isSet }) else { throw TestFailure("nothing happened") }
        }

        func values(_ name: String, _ instance: String) throws -> [Double?] {
            try host.emitted.flatMap { try $0.points }
                .filter { $0.name == name && $0.instance == instance }.map(\.value)
        }

        func end() throws {
            pool.halt()
            pool.closeClients()
            worker.finish()
            pool.discard()
            #expect(host.timerCount == 0)
            try host.checkClean()
        }
    }

    @Test func targetsThatAreGoneAreMarkedStale() throws {
        let bench = try Bench()
        bench.pool.start()
        try bench.find(["a:1", "b:1"])
        bench.host.advance(by: .seconds(10))
        try bench.find(["b:1"])
        #expect(bench.pool.targetCount == 1)
        // Not at once: when the next scrape would have been.
        #expect(try bench.values("up", "a:1") == [1])
        bench.host.advance(by: .seconds(10))
        #expect(try bench.values("up", "a:1") == [1, nil])
        #expect(try bench.values("a", "a:1") == [1, nil])
        #expect(try bench.values("scrape_series_added", "a:1") == [1, nil])
        bench.host.advance(by: .seconds(30))
        #expect(try bench.values("up", "a:1") == [1, nil])
        #expect(try bench.values("up", "b:1") == [1, 1, 1, 1, 1])
        try bench.end()
    }

    @Test func targetsThatStayKeepTheirState() throws {
        let bench = try Bench()
        bench.pool.start()
        try bench.find(["a:1"])
        bench.host.advance(by: .seconds(10))
        try bench.find(["a:1", "b:1", "a:1"])
        bench.host.advance(by: .seconds(10))
        #expect(try bench.values("scrape_series_added", "a:1") == [1, 0])
        #expect(try bench.values("scrape_series_added", "b:1") == [1])
        try bench.end()
    }

    /// One that is found again before it would have been scraped has no gap.
    @Test func targetsThatComeBackAreNotMarked() throws {
        let bench = try Bench()
        bench.pool.start()
        try bench.find(["a:1"])
        bench.host.advance(by: .seconds(10))
        try bench.find([])
        try bench.find(["a:1"])
        bench.host.advance(by: .seconds(20))
        #expect(try bench.values("a", "a:1") == [1, 1, 1])
        try bench.end()
    }

    /// The same labels at another address: the series go on.
    @Test func targetsThatMoveAreNotMarked() throws {
        let bench = try Bench()
        bench.pool.start()
        try bench.find(["a:1"], labels: ["instance": "x"])
        bench.host.advance(by: .seconds(10))
        try bench.find(["b:1"], labels: ["instance": "x"])
        bench.host.advance(by: .seconds(10))
        #expect(try bench.values("up", "x") == [1, 1])
        #expect(bench.host.client.sent.last?.settings.contains("http://b:1") == true)
        try bench.end()
    }

    @Test func targetsOfOneAddressShareAClient() throws {
        let bench = try Bench(
            """
            , "relabel_configs": [
              {"source_labels": ["__address__"], "target_label": "__param_target"},
              {"source_labels": ["__address__"], "target_label": "instance"},
              {"target_label": "__address__", "replacement": "probe:9115"}]
            """)
        bench.pool.start()
        try bench.find(["a", "b"])
        bench.host.advance(by: .seconds(10))
        #expect(
            Set(bench.host.client.sent.map(\.path)) == ["/metrics?target=a", "/metrics?target=b"])
        try bench.find(["a"])
        bench.host.advance(by: .seconds(20))
        // The one that stayed still has its connection.
        #expect(try bench.values("up", "a") == [1, 1, 1])
        #expect(try bench.values("up", "b") == [1, nil])
        try bench.end()
    }

    @Test func targetsThatWereNeverScrapedLeaveNothing() throws {
        let bench = try Bench()
        bench.pool.start()
        try bench.find(["a:1"])
        try bench.find([])
        bench.host.advance(by: .seconds(30))
        #expect(bench.host.emitted.isEmpty)
        #expect(bench.host.timerCount == 0)
        try bench.end()
    }

    /// Stale markers that nobody takes are given up after an interval.
    @Test func farewellsEnd() throws {
        let bench = try Bench()
        bench.pool.start()
        try bench.find(["a:1"])
        bench.host.advance(by: .seconds(10))
        try bench.find([])
        bench.host.answerEmit { _ in .retry("busy") }
        bench.host.advance(by: .seconds(60))
        #expect(bench.host.dropped.map(\.reason) == ["full"])
        #expect(bench.host.timerCount == 0)
        bench.host.answerEmit(nil)
        try bench.end()
    }

    /// A large pool gathers what changes.
    @Test func largePoolsWaitForMore() throws {
        let bench = try Bench()
        bench.pool.start()
        let all = (0...ScrapePool.large).map { "t\($0):1" }
        try bench.find(all)
        #expect(bench.pool.targetCount == all.count)
        try bench.find(all.dropLast())
        #expect(bench.pool.targetCount == all.count)
        bench.host.advance(by: .seconds(5))
        #expect(try eventually { bench.pool.targetCount == all.count - 1 })
        try bench.end()
    }

    @Test func whatIsFoundBeforeTheStartIsScraped() throws {
        let bench = try Bench()
        bench.pool.update([
            TargetGroup(source: "s", targets: [Labels([Label("__address__", "a:1")])])
        ])
        #expect(bench.pool.targetCount == 0)
        bench.pool.start()
        #expect(bench.pool.targetCount == 1)
        try bench.end()
    }
}
