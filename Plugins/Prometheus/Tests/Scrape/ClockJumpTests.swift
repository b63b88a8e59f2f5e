import Testing
import WeirSDK
import WeirTestKit

@testable import PrometheusPlugin

/// The wall clock of the host jumps while targets are scraped.
struct ClockJumpTests {
    private static let hour: UInt64 = 3_600_000_000_000
    private static let interval: UInt64 = 15_000_000_000

    /// Lets scrapes pass, and answers each with a counter and a gauge; gives the moments of the requests.
    private func scrape(_ bench: ScrapeBench, _ rounds: Int) -> [UInt64] {
        var moments: [UInt64] = []
        for _ in 0..<rounds {
            let before = bench.host.client.sent.count
            // In small steps, so that a scrape that came too early or too late is seen.
            while bench.host.client.sent.count == before { bench.host.advance(by: .seconds(1)) }
            let count = bench.host.client.sent.count
            moments.append(bench.host.monotonic)
            for index in before..<count {
                bench.host.client.reply(
                    to: index,
                    .text("# TYPE c_total counter\nc_total \(index + 1)\ng \(index)\n"))
            }
        }
        return moments
    }

    private func isEvery15Seconds(_ moments: [UInt64]) -> Bool {
        zip(moments, moments.dropFirst()).allSatisfy { $1 - $0 == Self.interval }
    }

    @Test(arguments: [-3600, 3600, -86_400 * 400, 86_400 * 400, -1, 1])
    func scrapesKeepTheirCadenceAndOrder(_ seconds: Int) throws {
        let bench = try ScrapeBench()
        var moments = scrape(bench, 4)
        bench.host.jumpWallClock(by: .seconds(seconds))
        moments += scrape(bench, 4)
        bench.host.jumpWallClock(by: .seconds(-seconds))
        moments += scrape(bench, 4)
        #expect(isEvery15Seconds(moments))
        #expect(bench.host.client.sent.count == 12)
        for name in ["c_total", "g", "up"] {
            let points = try bench.points.filter { $0.name == name }
            #expect(points.count == 12)
            let times = points.map(\.time)
            #expect(zip(times, times.dropFirst()).allSatisfy { $0 < $1 }, "\(name): \(times)")
        }
        #expect(try bench.values("up").allSatisfy { $0 == 1 })
        // Nothing was left out, marked stale or passed over because of it.
        #expect(bench.host.dropped.isEmpty)
        #expect(try bench.values("scrape_series_added").dropFirst().allSatisfy { $0 == 0 })
        #expect(try bench.values("scrape_duration_seconds").allSatisfy { $0! < 1.5 })
        try bench.end()
    }

    /// While the wall clock is behind, timestamps go on a millisecond at a time; when it has caught
    /// up, they are its own again.
    @Test func anHourBack() throws {
        let bench = try ScrapeBench()
        _ = scrape(bench, 2)
        let last = try #require(try bench.points.last?.time)
        bench.host.jumpWallClock(by: .seconds(-3600))
        _ = scrape(bench, 239)
        let behind = try bench.points.filter { $0.name == "g" }.map(\.time).dropFirst(2)
        #expect(behind.elementsEqual((1...239).map { last + UInt64($0) * 1_000_000 }))
        _ = scrape(bench, 3)
        let times = try bench.points.filter { $0.name == "g" }.map(\.time).suffix(2)
        #expect(times.last! - times.first! == Self.interval)
        #expect(bench.host.now - times.last! < 1_000_000_000)
        try bench.end()
    }

    @Test func anHourForward() throws {
        let bench = try ScrapeBench()
        _ = scrape(bench, 2)
        bench.host.jumpWallClock(by: .seconds(3600))
        _ = scrape(bench, 2)
        let times = try bench.points.filter { $0.name == "g" }.map(\.time)
        #expect(times[2] - times[1] == Self.hour + Self.interval)
        #expect(times[3] - times[2] == Self.interval)
        try bench.end()
    }

    /// A counter goes on over a jump: the same start before it and after it.
    @Test(arguments: [-3600, 3600])
    func countersDoNotBeginAnew(_ seconds: Int) throws {
        let bench = try ScrapeBench()
        _ = scrape(bench, 3)
        bench.host.jumpWallClock(by: .seconds(seconds))
        _ = scrape(bench, 3)
        let starts = try bench.points.filter { $0.name == "c_total" }.map(\.start)
        #expect(starts.count == 6 && Set(starts).count == 1)
        try bench.end()
    }

    /// The end of a target, and what a failure ends, come after what was said before.
    @Test(arguments: [-3600, 3600])
    func staleMarkersComeAfterTheLastSample(_ seconds: Int) throws {
        let bench = try ScrapeBench()
        _ = scrape(bench, 2)
        bench.host.jumpWallClock(by: .seconds(seconds))
        while bench.host.client.sent.count == 2 { bench.host.advance(by: .seconds(1)) }
        bench.host.client.reply(to: 2, .failure(.refused("connection refused")))
        let points = try bench.points.filter { $0.name == "g" }
        #expect(points.map(\.value) == [0, 1, nil])
        #expect(points[2].time > points[1].time)
        try bench.end()
    }
}
