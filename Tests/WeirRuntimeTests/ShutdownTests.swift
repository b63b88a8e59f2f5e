import CWeir
import Logging
import NIOPosix
import Synchronization
import Testing
import WeirConfig
import WeirJSON

import WeirTelemetry

@testable import WeirRuntime

/// What happens when calls into a plugin are still under way at the end.
@Suite struct ShutdownTests {
    /// Nodes 0 to 4: in → pass → pass (a), and in → pass (b).
    private static let chains = """
        receivers: {in: }
        processors: {pass: , pass/2: }
        sinks: {out: , out/b: }
        service:
          pipelines:
            logs/a: {receivers: [in], processors: [pass, pass/2], sinks: [out]}
            logs/b: {receivers: [in], processors: [pass], sinks: [out/b]}
        """

    @Test func aPipelineThatIsStuckDoesNotHoldUpAnother() throws {
        let plan = try GraphPlanTests.plan(Self.chains)
        func key(_ index: Int) -> String { plan.nodes[index].key }
        let (first, second) = ("processor pass (logs/a)", "processor pass/2 (logs/a)")
        let other = "processor pass (logs/b)"
        var rounds = DrainRounds(plan)
        var asked: [String] = []
        rounds.run(isLast: false) {
            asked.append(key($0)); return key($0) != first
        }
        #expect(Set(asked) == [first, other], "what is fed by one that waits comes later")
        asked = []
        rounds.run(isLast: false) {
            asked.append(key($0)); return true
        }
        #expect(asked == [first, second] && rounds.isDone)
    }

    @Test func theLastRoundAsksEverybody() throws {
        let plan = try GraphPlanTests.plan(Self.chains)
        var rounds = DrainRounds(plan)
        var asked = 0
        rounds.run(isLast: true) { _ in
            asked += 1; return false
        }
        #expect(asked == 3)
    }

    /// A plugin that is still inside a call keeps its memory.
    @Test func anInstanceIsNotDestroyedUnderACall() throws {
        let plugin = ScriptedComponent()
        try plugin.instance.create(settings: [])
        let inside = plugin.instance.call { _ in
            #expect(throws: ComponentInstance.Failure.self) { try plugin.instance.destroy() }
            return true
        }
        #expect(inside == true && plugin.destroyed == 0)
        #expect(plugin.instance.call { _ in true } == nil, "nothing enters any more")
    }

    @Test func aControlCallThatDoesNotReturnIsTheLast() throws {
        let plugin = ScriptedComponent(controlLimit: .milliseconds(20))
        try plugin.instance.create(settings: [])
        let gate = plugin.holdStop()
        let hung = #expect(throws: ComponentInstance.Failure.self) {
            try plugin.instance.stop(deadlineNano: 0)
        }
        #expect(hung?.description.contains("did not return within") == true)
        let after = #expect(throws: ComponentInstance.Failure.self) {
            try plugin.instance.stop(deadlineNano: 0)
        }
        #expect(after?.description.contains("left out") == true)
        #expect(throws: ComponentInstance.Failure.self) { try plugin.instance.destroy() }
        #expect(plugin.destroyed == 0)
        gate.leave()
    }

    /// The limit is for plugins that hang, not for those that use the time they were given.
    @Test func aCallMayTakeUntilItsDeadline() throws {
        let plugin = ScriptedComponent(controlLimit: .milliseconds(20))
        try plugin.instance.create(settings: [])
        plugin.stopTakes(milliseconds: 100)
        try plugin.instance.stop(deadlineNano: plugin.services.time.monotonicNano + 2_000_000_000)
        try plugin.instance.destroy()
        #expect(plugin.destroyed == 1)
    }

    @Test func emitInsideCreateIsRefused() throws {
        let plugin = ScriptedComponent(emitsInCreate: true)
        try plugin.instance.create(settings: [])
        #expect(plugin.emitted == Status.invalid)
    }

    @Test(arguments: [Int.max, -1, -4096, Int(UInt32.max)])
    func noBufferOfAbsurdSize(_ length: Int) throws {
        let plugin = ScriptedComponent()
        try plugin.instance.create(settings: [])
        let host = try #require(plugin.host)
        #expect(host.pointee.buffer_make(host, length) == nil)
        #expect(plugin.services.budget.used == 0)
    }

    /// A timer that fires while the schedule ends cannot be taken back; it must do nothing then.
    @Test func noCollectionBeginsAfterTheEnd() throws {
        let time = VirtualTime(cancels: false)
        let plugin = ScriptedComponent(kind: .exporter, time: time)
        try plugin.instance.create(settings: [])
        let schedule = ExporterSchedule(plugin.instance, settings: .object([]))
        schedule.start()
        schedule.end()
        time.advance(seconds: 60)
        schedule.wait(untilNano: UInt64.max)
        #expect(plugin.collections == 0 && time.pending == 0)
    }

    /// Also without a stop: a collection may take `timeout`, 10 s.
    @Test(arguments: [(9.0, false), (11.0, true)])
    func aCollectionIsCancelledByItsDeadline(_ seconds: Double, _ expected: Bool) throws {
        let plugin = ScriptedComponent(kind: .exporter)
        try plugin.instance.create(settings: [])
        let schedule = ExporterSchedule(plugin.instance, settings: .object([]))
        let gate = plugin.holdCollect()
        schedule.start()
        plugin.time.advance(seconds: 1)
        gate.waitUntilEntered()
        plugin.time.advance(seconds: seconds)
        gate.leave()
        schedule.wait(untilNano: UInt64.max)
        #expect(plugin.wasCancelled == expected)
        #expect(!plugin.instance.isStopping)
        schedule.end()
    }

    @Test func theEndWaitsForTheCollectionThatRuns() throws {
        let plugin = ScriptedComponent(kind: .exporter)
        try plugin.instance.create(settings: [])
        let schedule = ExporterSchedule(plugin.instance, settings: .object([]))
        let gate = plugin.holdCollect()
        schedule.start()
        plugin.time.advance(seconds: 1)
        gate.waitUntilEntered()
        schedule.end()
        #expect(plugin.instance.isCancelled, "it is asked to end")
        gate.leave()
        schedule.wait(untilNano: UInt64.max)
        #expect(plugin.collections == 1)
    }
}

@Suite struct SystemTimeTests {
    /// A timer for the end of time is one that does not fire, not a crash.
    @Test func farAwayIsNotAnOverflow() {
        let time = SystemTime(group: MultiThreadedEventLoopGroup.singleton)
        time.schedule(afterNano: UInt64.max) {}.cancel()
    }
}
