import Foundation
import Synchronization
import Testing
import WeirPrometheus
import WeirSDK
import WeirTestKit

@testable import PrometheusPlugin

/// Things that happen at the same time.
struct ScrapeRaceTests {
    /// Targets are found while everything ends: no timer and no client stays behind.
    @Test func foundAtTheEnd() throws {
        for round in 0..<150 {
            let host = FakeHost()
            let seen = host.asSeenByPlugin
            let worker = Worker()
            let job = try jobs(#"{"scrape_configs": [{"job_name": "p"}]}"#)[0]
            let pool = ScrapePool(
                job, seen, try #require(seen.timers), try #require(seen.httpClient), worker,
                seed: 1)
            pool.start()
            let addresses = (0..<200).map { Labels([Label("__address__", "t\($0):1")]) }
            let isAtWork = Flag()
            worker.submit { isAtWork.set() }
            pool.update([TargetGroup(source: "s", targets: addresses)])
            // In the midst of it, sooner or later.
            _ = try eventually { isAtWork.isSet && pool.targetCount >= round }
            pool.halt()
            pool.closeClients()
            worker.finish()
            pool.discard()
            #expect(host.timerCount == 0, "round \(round)")
            try host.checkClean()
            withExtendedLifetime(pool) {}
        }
    }

    /// A target leaves while its answer is on its way, and the answer comes late or never: what it
    /// says counts, and its end is said once, after it.
    @Test(arguments: [true, false])
    func targetsLeaveDuringAScrape(_ answers: Bool) throws {
        let host = FakeHost()
        let seen = host.asSeenByPlugin
        let worker = Worker()
        let job = try jobs(
            #"{"scrape_configs": [{"job_name": "p", "scrape_interval": "10s"}]}"#)[0]
        let pool = ScrapePool(
            job, seen, try #require(seen.timers), try #require(seen.httpClient), worker, seed: 1)
        pool.start()
        func find(_ targets: [String]) throws {
            let isDone = Flag()
            pool.update([
                TargetGroup(
                    source: "s", targets: targets.map { Labels([Label("__address__", $0)]) })
            ])
            worker.submit { isDone.set() }
            #expect(try eventually { isDone.isSet })
        }
        try find(["a:1"])
        host.advance(by: .seconds(10))
        host.client.reply(to: 0, .text("a 1\n"))
        host.advance(by: .seconds(10))
        #expect(host.client.sent.count == 2)
        try find([])
        host.advance(by: .seconds(15))
        if answers {
            host.client.reply(to: 1, .text("a 2\n"))
        } else {
            host.client.reply(to: 1, .failure(.timeout("the deadline passed")))
        }
        host.advance(by: .seconds(60))
        let points = try host.emitted.flatMap { try $0.points }
        let values = points.filter { $0.name == "a" }.map(\.value)
        #expect(values == (answers ? [1, 2, nil] : [1, nil]))
        #expect(points.filter { $0.name == "up" }.map(\.value) == [1, answers ? 1 : 0, nil])
        let times = points.filter { $0.name == "up" }.map(\.time)
        #expect(zip(times, times.dropFirst()).allSatisfy { $0 < $1 })
        #expect(host.client.sent.count == 2 && host.timerCount == 0)
        pool.halt()
        pool.closeClients()
        worker.finish()
        pool.discard()
        try host.checkClean()
    }

    /// The end comes while answers arrive on other threads, and what follows is busy: each scrape
    /// is emitted, counted as dropped, or was none.
    @Test func stopWhileAnswersArrive() throws {
        for _ in 0..<40 {
            let names = (0..<8).map { "\"t\($0):1\"" }.joined(separator: ",")
            let bench = try ScrapeBench(targets: "[\(names)]")
            let host = bench.host
            host.advance(by: .seconds(15))
            let turn = Atomic<Int>(0)
            host.answerEmit { _ in
                turn.add(1, ordering: .relaxed).newValue % 2 == 0 ? .retry("busy") : nil
            }
            let done = Atomic<Int>(0)
            for half in 0..<2 {
                Thread.detachNewThread {
                    for index in stride(from: half, to: 4, by: 2) {
                        host.client.reply(to: index, .text("a 1\n"))
                    }
                    done.add(1, ordering: .releasing)
                }
            }
            _ = try? bench.receiver.drain()
            #expect(try eventually { done.load(ordering: .acquiring) == 2 })
            try bench.receiver.stop()
            bench.receiver.destroy()
            #expect(host.timerCount == 0)
            let emitted = host.emitted.count
            let dropped = host.dropped.reduce(0) { $0 + $1.items }
            // Four answers of a sample and five reports each; one that came after the end is none.
            #expect(dropped % 6 == 0 && emitted + dropped / 6 <= 4)
            #expect(!host.logs.contains { $0.level == .warning })
            try host.checkClean()
        }
    }

    /// The pages of one receiver show the targets of all: a receiver that ends in the meantime is
    /// not held by an answer, nor are its expressions, which belong to its host.
    @Test func pagesWhileReceiversEnd() throws {
        let lasting = try ScrapeBench()
        let isOver = Flag()
        let hasEnded = Flag()
        let host = lasting.host
        Thread.detachNewThread {
            while !isOver.isSet { _ = host.admin.send("GET", "/api/v1/targets") }
            hasEnded.set()
        }
        for _ in 0..<200 {
            let bench = try ScrapeBench(
                #""relabel_configs": [{"source_labels": ["a"], "regex": "x.*", "action": "drop"}]"#)
            try bench.end()
        }
        isOver.set()
        #expect(try eventually { hasEnded.isSet })
        try lasting.end()
    }
}
