import CWeir
import Testing

import WeirTelemetry

@testable import WeirRuntime

/// A sink whose instance a reload puts another one in place of.
@Suite struct SinkReplacementTests {
    /// Batches of one stand for numbers, so that their order shows.
    private func replaced(
        _ old: [ScriptedSink.Answer], limits: QueueLimits = QueueLimits(), offering items: [Int],
        _ new: [ScriptedSink.Answer] = []
    ) -> (old: ScriptedSink, new: ScriptedSink) {
        let first = ScriptedSink(old, limits: limits)
        for number in items { first.offer(number) }
        let second = ScriptedSink(new, limits: limits, counters: first.counters)
        first.node.replace(with: second.node.target)
        return (first, second)
    }

    private static let oneAtATime: QueueLimits = {
        var limits = QueueLimits()
        limits.consumers = 1
        return limits
    }()

    @Test func whatWaitsGoesToTheNewOneInItsOrder() {
        let (old, new) = replaced(
            [.pending], limits: Self.oneAtATime, offering: [1, 2, 3, 4])
        #expect(old.delivered == [] && new.delivered == [2, 3, 4])
        old.settle(.ok)
        #expect(old.node.isEmpty && old.unaccounted == 0)
        #expect(old.counters.sent[.traces] == 10, "what was under way is counted, too")
        old.offer(5)
        #expect(new.delivered == [2, 3, 4, 5])
    }

    /// Both with an answer that asks for another attempt and with the one that stop() gives.
    @Test(arguments: [ScriptedSink.Answer.retry, ScriptedSink.Answer(status: Status.cancelled)])
    func whatComesBackFromTheOldOneIsDeliveredByTheNewOne(_ answer: ScriptedSink.Answer) {
        let (old, new) = replaced([.pending], offering: [7])
        old.settle(answer)
        #expect(new.delivered == [7])
        #expect(old.counters.dropped.total(.traces) == 0 && old.unaccounted == 0)
        #expect(old.node.isEmpty)
    }

    @Test func whatWaitsForItsNextAttemptIsTriedAtOnce() {
        let (old, new) = replaced([.retry, .retry], offering: [1, 2])
        #expect(new.delivered == [1, 2])
        old.time.advance(seconds: 60)
        #expect(old.attempts.count == 2, "its timers are gone")
        #expect(old.node.isEmpty && old.unaccounted == 0)
    }

    /// A reload took it back into the graph: its node is not at its end.
    @Test func whatWasReplacedEndsNothing() {
        let (old, new) = replaced([], offering: [])
        #expect(!old.node.retire(ScriptedSink().node.target))
        #expect(new.node.target === old.node.target && old.node.claim())
        old.node.unclaim()
        #expect(old.node.retire(new.node.target) && !old.node.claim())
    }

    @Test func theNewLimitsHold() {
        let (old, new) = replaced(
            [.pending, .pending], offering: [1, 2], [.pending, .pending, .pending])
        #expect(old.node.target.underWay == 0 && new.node.target === old.node.target)
        #expect(!old.node.isEmpty)
        old.settle(.refused)
        old.settle(.ok)
        #expect(old.node.isEmpty && old.unaccounted == 0)
    }
}
