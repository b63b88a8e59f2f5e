import Synchronization
import Testing
import WeirSDK
import WeirTelemetry
import WeirTestKit

@testable import PrometheusPlugin

/// From the scrape to the remote write: both remember what came last, and neither may show it.
struct ScrapeToWriteTests {
    /// What a server sees of each of these expositions: series and value, `nil` for a stale marker.
    private func written(_ expositions: [String]) throws -> [[String: Double?]] {
        let next = Atomic<Int>(0)
        let bench = try ScrapeBench(answer: { _ in
            .text(expositions[next.add(1, ordering: .relaxed).oldValue])
        })
        let host = FakeHost()
        host.client.answer { _ in FakeReply(code: 204) }
        let sink = try host.start(
            plugin, .sink, "prometheusremotewrite", settings: sinkSettings())
        var seen: [[String: Double?]] = []
        for index in expositions.indices {
            bench.host.advance(by: .seconds(15))
            let batch = try #require(bench.host.emitted.last)
            #expect(bench.host.emitted.count == index + 1)
            let delivery = sink.deliver(try host.batch(.metrics, batch.bytes))
            #expect(delivery.outcome == .delivered())
            let samples = try SeenRequest(#require(host.client.sent.last)).samples
            #expect(host.client.sent.count == index + 1)
            #expect(Set(samples.map(\.timestamp)).count == 1)
            let own = samples.filter { !$0.series.contains("scrape_") && !$0.series.contains("up") }
            seen.append(
                Dictionary(
                    uniqueKeysWithValues: own.map { sample in
                        let series = sample.series.split(separator: ",").filter {
                            !$0.contains("job=") && !$0.contains("instance=")
                        }
                        let value = Double(bitPattern: sample.value)
                        return (series.joined(separator: ","), value.isNaN ? nil : value)
                    }))
        }
        try bench.end()
        try sink.end()
        return seen
    }

    /// Labels in another order are the same series, which neither ends nor begins.
    @Test func labelsChangeTheirOrder() throws {
        let seen = try written([
            "m{a=\"1\",z=\"2\"} 1\nm{a=\"1\",z=\"3\"} 2\n",
            "m{z=\"2\",a=\"1\"} 3\nm{a=\"1\",z=\"3\"} 4\n",
            "m{a=\"1\",z=\"2\"} 5\nm{z=\"3\",a=\"1\"} 6\n",
        ])
        #expect(seen.map(\.count) == [2, 2, 2])
        #expect(seen.map { $0.values.compactMap { $0 }.sorted() } == [[1, 2], [3, 4], [5, 6]])
        #expect(Set(seen.map { Set($0.keys) }).count == 1)
    }

    /// Series come, go, change places and names that begin alike, and families change their type.
    @Test func theExpositionChangesItsShape() throws {
        let seen = try written([
            "# TYPE c counter\nc{a=\"1\"} 1\nc{a=\"1\",b=\"2\"} 2\nc{a=\"10\"} 3\ng 4\n",
            "# TYPE c counter\nc{a=\"10\"} 5\nc{a=\"1\",b=\"2\"} 6\nc{a=\"1\",b=\"2\",d=\"3\"} 7\n",
            "# TYPE g counter\ng 8\n# TYPE c gauge\nc{a=\"1\"} 9\nc{a=\"1\",b=\"2\"} 10\n",
            "", "c{a=\"1\"} 11\n",
        ])
        let values = seen.map { $0.values.compactMap { $0 }.sorted() }
        #expect(values == [[1, 2, 3, 4], [5, 6, 7], [8, 9, 10], [], [11]])
        let ended = seen.map { seen in seen.values.count { $0 == nil } }
        #expect(ended == [0, 2, 2, 3, 0])
    }

    /// A scrape for which the host has no memory is held, and goes on when there is some.
    @Test func waitsForMemory() throws {
        let bench = try ScrapeBench(answer: { _ in .text("a 1\n") })
        bench.host.limitMemory(to: 100)
        bench.host.advance(by: .seconds(15))
        #expect(bench.host.emitted.isEmpty)
        bench.host.limitMemory(to: 1 << 20)
        bench.host.advance(by: .seconds(1))
        #expect(try bench.values("a") == [1] && bench.values("up") == [1])
        try bench.end()
    }
}
