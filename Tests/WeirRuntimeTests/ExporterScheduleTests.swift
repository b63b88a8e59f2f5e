import Testing
import WeirConfig
import WeirJSON

@testable import WeirRuntime

@Suite struct ExporterScheduleTests {
    private static func exporter(
        _ time: VirtualTime, settings: JSONValue = .object([])
    ) throws -> (plugin: ScriptedComponent, schedule: ExporterSchedule) {
        let plugin = ScriptedComponent(kind: .exporter, time: time)
        try plugin.instance.create(settings: [])
        return (plugin, ExporterSchedule(plugin.instance, settings: settings))
    }

    /// However many hang, the others' intervals do not slip.
    @Test func hangingExportersStopNobodyElse() throws {
        let time = VirtualTime()
        let hanging = try (0..<6).map { _ in try Self.exporter(time) }
        let fine = try Self.exporter(time)
        let gates = hanging.map { $0.plugin.holdCollect() }
        for exporter in hanging + [fine] { exporter.schedule.start() }
        time.advance(seconds: 1)
        for gate in gates { gate.waitUntilEntered() }
        for count in 1...4 {
            fine.plugin.waitUntilCollected(count)
            fine.schedule.wait(untilNano: UInt64.max)
            time.advance(seconds: 15)
        }
        fine.plugin.waitUntilCollected(5)
        #expect(fine.plugin.began == [2, 17, 32, 47, 62])
        #expect(fine.plugin.instance.counters.errors.all.isEmpty)
        for exporter in hanging {
            #expect(exporter.plugin.collections == 0)
            #expect(exporter.plugin.instance.counters.errors.all == ["deadline": 1, "overlap": 4])
        }
        for gate in gates { gate.leave() }
        for exporter in hanging + [fine] {
            exporter.schedule.end()
            exporter.schedule.wait(untilNano: UInt64.max)
        }
    }

    /// The interval counts from when a collection was due, not from when its timer came.
    @Test func lateTimersDoNotAddUp() throws {
        let exporter = try Self.exporter(VirtualTime(lateness: 0.5))
        exporter.schedule.start()
        for count in 1...4 {
            exporter.plugin.time.advance(seconds: count == 1 ? 1.5 : 15)
            exporter.plugin.waitUntilCollected(count)
            exporter.schedule.wait(untilNano: UInt64.max)
        }
        #expect(exporter.plugin.began == [2.5, 17.5, 32.5, 47.5])
        exporter.schedule.end()
    }

    @Test func exportersThatStartTogetherFollowEachOther() throws {
        let time = VirtualTime()
        let exporters = try (0..<3).map { _ in try Self.exporter(time) }
        for (place, exporter) in exporters.enumerated() {
            exporter.schedule.start(place: place, of: 3)
        }
        time.advance(seconds: 1.1)
        exporters[0].plugin.waitUntilCollected(1)
        time.advance(seconds: 0.2)
        exporters[1].plugin.waitUntilCollected(1)
        time.advance(seconds: 0.2)
        exporters[2].plugin.waitUntilCollected(1)
        for exporter in exporters { exporter.schedule.end() }
    }

    /// With an interval of a tenth of a second, 200 ms would be two turns late.
    @Test func shortIntervalsAreSpreadWithinThemselves() throws {
        let settings: JSONValue = .object([
            JSONMember("interval", .integer(100_000_000)), JSONMember("initial_delay", .integer(0)),
        ])
        let exporter = try Self.exporter(VirtualTime(), settings: settings)
        exporter.schedule.start(place: 1, of: 2)
        exporter.plugin.time.advance(seconds: 0.05)
        exporter.plugin.waitUntilCollected(1)
        #expect(exporter.plugin.began == [1.05])
        exporter.schedule.end()
    }

    @Test func whoIgnoresTheDeadlineIsNamedOnce() throws {
        let exporter = try Self.exporter(VirtualTime())
        let (plugin, schedule) = exporter
        let gate = plugin.holdCollect()
        schedule.start()
        plugin.time.advance(seconds: 1)
        gate.waitUntilEntered()
        plugin.time.advance(seconds: 10.9)
        #expect(plugin.log.text.isEmpty, "a second after the deadline is in time")
        plugin.time.advance(seconds: 60)
        let lines = plugin.log.text.split(separator: "\n")
        #expect(
            lines.first == """
                error: plugin test misbehaves: collect() of exporter test has not returned, and its \
                deadline has passed; nothing is collected by it until it does
                """)
        #expect(lines.count == 1 && plugin.instance.counters.errors.all["deadline"] == 1)
        gate.leave()
        schedule.wait(untilNano: UInt64.max)
        #expect(plugin.log.text.contains("collect() has returned, 60 s after its deadline"))
        schedule.end()
    }

    @Test func aFailureIsToldOnceAMinute() {
        var log = FailureLog()
        let second: UInt64 = 1_000_000_000
        #expect(log.succeeded() == nil)
        #expect(log.failed("a 1", atNano: 100 * second) == "collection failed: a 1")
        #expect(log.failed("a 2", atNano: 115 * second) == nil)
        #expect(log.failed("a 1 (next attempt in 4 s)", atNano: 130 * second) == nil)
        #expect(log.failed("a 3", atNano: 160 * second) == "collection failed: a 3 (and 2 more)")
        #expect(log.succeeded() == "collected again")
        #expect(log.succeeded() == nil)
        #expect(log.failed("e", atNano: 161 * second) == "collection failed: e")
    }

    /// Who reads the log while something is mended sees what is wrong now.
    @Test func anotherCauseIsToldAtOnce() {
        var log = FailureLog()
        let second: UInt64 = 1_000_000_000
        #expect(log.failed("refused", atNano: 100 * second) == "collection failed: refused")
        #expect(log.failed("no password", atNano: 105 * second) == nil)
        #expect(
            log.failed("no password", atNano: 115 * second)
                == "collection failed: no password (and 1 more)")
        #expect(log.failed("no password", atNano: 130 * second) == nil)
        #expect(
            log.failed("refused", atNano: 131 * second) == "collection failed: refused (and 1 more)"
        )
    }
}
