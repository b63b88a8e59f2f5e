import CWeir
import Foundation
import Synchronization
import Testing

import WeirTelemetry

@testable import WeirRuntime

@Suite struct HealthTests {
    @Test func aStateKnowsSinceWhenAndTheLastError() {
        var health = ComponentHealth(nano: 1, unixNano: 11)
        func enter(_ state: ComponentHealth.State, _ why: String, _ now: UInt64) -> Bool {
            health.enter(state, why, nano: now, unixNano: now + 10)
        }
        #expect(health.state == .starting)
        #expect(enter(.ok, "", 2) && health.sinceNano == 2)
        #expect(enter(.recoverable, "refused", 3) && health.sinceNano == 3)
        #expect(
            !enter(.recoverable, "timeout", 4) && health.sinceNano == 3 && health.why == "timeout")
        #expect(enter(.permanent, "no such user", 5))
        #expect(health.sinceNano == 3, "it has not been well in between")
        #expect(enter(.ok, "", 6) && health.sinceUnixNano == 16 && health.why.isEmpty)
        #expect(health.lastError?.text == "no such user" && health.lastError?.unixNano == 15)
        #expect(enter(.stopping, "", 7) && !enter(.ok, "", 8) && health.state == .stopping)
    }

    /// A server that was not there may come back and hang: the reason is that of the last attempt.
    @Test func aSinkTellsWhyItFailsNow() {
        let sink = ScriptedSink([.retry, .pending, .pending])
        sink.offer(1)
        let first = sink.node.instance.health
        #expect(first.state == .recoverable && first.why == "scripted")
        sink.time.advance(seconds: 6)
        sink.settle(.retry)
        let second = sink.node.instance.health
        #expect(second.why == "settled" && second.lastError?.text == "settled")
        #expect(second.sinceNano == first.sinceNano, "it has not been well in between")
        sink.time.advance(seconds: 10)
        sink.settle(.ok)
        #expect(sink.node.instance.health.state == .ok)
    }

    private static let second: UInt64 = 1_000_000_000

    private static func member(
        _ key: String, _ state: ComponentHealth.State, _ seconds: UInt64, required: Bool = true
    ) -> Readiness.Member {
        Readiness.Member(
            key: key, state: state, why: "refused", failingNano: seconds * second,
            isRequired: required)
    }

    struct Case: Sendable {
        var state: ComponentHealth.State
        var seconds: UInt64
        var required = true
        var asked: String?
        var expected: Readiness.Answer
    }

    private static let reason = "pipeline traces: sink out has failed for 31 s: refused"

    @Test(arguments: [
        Case(state: .ok, seconds: 99, expected: .ready),
        Case(state: .recoverable, seconds: 29, expected: .ready),
        Case(state: .recoverable, seconds: 31, expected: .notReady([reason])),
        Case(state: .recoverable, seconds: 31, asked: "traces", expected: .notReady([reason])),
        Case(state: .recoverable, seconds: 31, asked: "logs", expected: .ready),
        Case(state: .recoverable, seconds: 31, required: false, expected: .ready),
        Case(
            state: .permanent, seconds: 0,
            expected: .notReady(["pipeline traces: sink out has failed for 0 s: refused"])),
        Case(
            state: .ok, seconds: 1, asked: "trace", expected: .unknownPipeline(["traces", "logs"])),
    ])
    func readiness(_ test: Case) {
        let pipelines = [
            (
                id: "traces",
                members: [
                    Self.member("receiver in", .ok, 99),
                    Self.member("sink out", test.state, test.seconds, required: test.required),
                ]
            ),
            (id: "logs", members: [Self.member("receiver in", .ok, 99)]),
        ]
        #expect(
            Readiness.of(pipelines, asked: test.asked, graceNano: 30 * Self.second)
                == test.expected)
    }

    @Test func aLoopThatDoesNotAnswerIsNoticedOnce() {
        var pulse = LoopPulse()
        #expect(pulse.ask(atNano: 0) && !pulse.ask(atNano: 1))
        #expect(pulse.check(atNano: LoopPulse.limit - 1) == nil)
        #expect(pulse.check(atNano: LoopPulse.limit) == .stalled)
        #expect(pulse.check(atNano: 5 * LoopPulse.limit) == nil)
        #expect(pulse.answered(atNano: 6 * LoopPulse.limit) == .recovered(6 * LoopPulse.limit))
        #expect(pulse.ask(atNano: 0) && pulse.answered(atNano: 5) == nil)
        #expect(pulse.check(atNano: 9 * LoopPulse.limit) == nil, "nobody is waiting for an answer")
    }

    /// Sampled while others offer, deliver, fail and retry: no item is ever in two places or none.
    @Test func whatASinkTookIsAlwaysAccountedFor() {
        let answers = (0..<4000).map { number -> ScriptedSink.Answer in
            number % 5 == 0 ? .refused : number % 3 == 0 ? .settledInCall : .ok
        }
        let sink = ScriptedSink(answers)
        let running = Atomic<Int>(4)
        withExtendedLifetime(sink) {
            let work: @Sendable () -> Void = {
                for number in 1...800 { sink.offer(number % 7 + 1) }
                running.subtract(1, ordering: .releasing)
            }
            for _ in 0..<4 { Thread.detachNewThread(work) }
            var samples = 0
            var largest = 0
            repeat {
                let items = sink.node.snapshot()
                let (accepted, sent) = (items.accepted[.traces] ?? 0, items.passed[.traces] ?? 0)
                #expect(accepted == sent + items.dropped(.traces) + (items.held[.traces] ?? 0))
                #expect(accepted >= largest, "totals do not go back")
                largest = accepted
                samples += 1
            } while running.load(ordering: .acquiring) > 0
            #expect(samples > 1 && sink.unaccounted == 0 && sink.node.isEmpty)
        }
    }

    /// A processor emits what it takes before its call returns.
    @Test func whatAProcessorEmitsEarlyIsNotNegative() {
        let counters = ComponentCounters()
        counters.emitted.add(5, .logs)
        var items = counters.processorSnapshot()
        #expect(items.accepted[.logs] == 5 && items.held[.logs] == 0)
        counters.accepted.add(7, .logs)
        counters.dropped.add(1, .logs, reason: "filtered")
        items = counters.processorSnapshot()
        #expect(items.accepted[.logs] == 7 && items.passed[.logs] == 5)
        #expect(items.held[.logs] == 1 && items.dropped(.logs) == 1)
    }
}
