import CWeir
import Glibc
import NIOPosix
import Testing

import WeirTelemetry

@testable import WeirRuntime

@Suite struct SinkNodeTests {
    @Test func deliversAtOnceWhenNothingWaits() {
        let sink = ScriptedSink()
        #expect(sink.offer(7).status == Status.ok)
        #expect(sink.delivered == [7])
        #expect(sink.counters.sent[.traces] == 7)
        #expect(sink.node.isEmpty && sink.unaccounted == 0)
    }

    @Test func retriesAfterTheBackoffAndCountsEachFailure() {
        let sink = ScriptedSink([.retry, .retry, .ok])
        sink.offer(3)
        #expect(sink.attempts == [1])
        #expect(sink.node.load(.traces).items == 3 && sink.unaccounted == 0)
        sink.time.advance(seconds: 8)
        #expect(sink.attempts == [1, 2])
        sink.time.advance(seconds: 12)
        #expect(sink.attempts == [1, 2, 3])
        #expect(sink.counters.sent[.traces] == 3)
        #expect(sink.counters.failed.total(.traces) == 6)
        #expect(sink.unaccounted == 0)
    }

    @Test func waitsAsLongAsTheServerAsked() {
        var asked = ScriptedSink.Answer.retry
        asked.retryAfter = 100_000_000_000
        let sink = ScriptedSink([asked, .ok])
        sink.offer(1)
        sink.time.advance(seconds: 99)
        #expect(sink.attempts == [1])
        sink.time.advance(seconds: 2)
        #expect(sink.attempts == [1, 2])
    }

    @Test func dropsWhatIsRefusedWithItsReason() {
        let sink = ScriptedSink([.refused])
        sink.offer(4)
        #expect(sink.counters.dropped.all == [.init(signal: .traces, reason: "refused"): 4])
        #expect(sink.node.isEmpty && sink.unaccounted == 0)
    }

    @Test func partialSuccessIsSentAndRejected() {
        var partial = ScriptedSink.Answer.ok
        partial.rejected = 2
        let sink = ScriptedSink([partial])
        sink.offer(5)
        #expect(sink.counters.sent[.traces] == 3)
        #expect(sink.counters.dropped.all == [.init(signal: .traces, reason: "rejected"): 2])
        #expect(sink.unaccounted == 0)
    }

    @Test func givesUpAfterTheElapsedTime() {
        let sink = ScriptedSink(Array(repeating: .retry, count: 100))
        sink.offer(1)
        sink.time.advance(seconds: 400)
        #expect(sink.counters.dropped.all.keys.map(\.reason) == ["retry_exhausted"])
        #expect(sink.node.isEmpty && sink.time.pending == 0 && sink.unaccounted == 0)
    }

    @Test func refusesWithAHintWhenFullAndTakesAgainWhenNot() {
        var limits = QueueLimits()
        (limits.size, limits.consumers) = (2, 1)
        let sink = ScriptedSink([.pending, .ok], limits: limits)
        #expect(sink.offer(1).status == Status.ok)
        #expect(sink.offer(2).status == Status.ok)
        let refusal = sink.offer(4)
        #expect(refusal.status == Status.retry && refusal.retry_after_ns >= 1_000_000_000)
        #expect(refusal.text.contains("queue of sink test is full"))
        #expect(sink.counters.refused.all == [.init(signal: .traces, reason: "queue_full"): 4])
        sink.settle(.ok)
        #expect(sink.delivered == [2])
        #expect(sink.node.isEmpty && sink.unaccounted == 0)
        #expect(sink.offer(4).status == Status.ok)
    }

    @Test func keepsToItsConsumers() {
        var limits = QueueLimits()
        limits.consumers = 2
        let sink = ScriptedSink(Array(repeating: .pending, count: 5), limits: limits)
        for items in 1...4 { sink.offer(items) }
        #expect(sink.attempts.count == 2)
        sink.settle(.ok)
        #expect(sink.attempts.count == 3)
        #expect(ScriptedSink(concurrent: false).node.limits.consumers == 1)
    }

    @Test func aLongQueueThatEmptiesAtOnceDoesNotRecurse() {
        var limits = QueueLimits()
        (limits.consumers, limits.size) = (1, 200_000)
        let sink = ScriptedSink([.pending], limits: limits)
        for _ in 0..<100_000 { sink.offer(1, bytes: 1) }
        sink.settle(.ok)
        #expect(sink.counters.sent[.traces] == 100_000)
        #expect(sink.node.isEmpty && sink.unaccounted == 0)
    }

    /// The next delivery does not begin within the one that was just settled.
    @Test func settlingInsideDeliverDoesNotNest() {
        var limits = QueueLimits()
        limits.consumers = 1
        let sink = ScriptedSink(
            [.pending] + Array(repeating: .settledInCall, count: 50), limits: limits,
            concurrent: false)
        for _ in 0...50 { sink.offer(1) }
        sink.settle(.ok)
        #expect(sink.deepest == 1)
        #expect(sink.counters.sent[.traces] == 51)
        #expect(sink.node.isEmpty && sink.unaccounted == 0)
    }

    @Test func settlingAndAnsweringCountsOnce() {
        var both = ScriptedSink.Answer.refused
        both.settledInCall = true
        let sink = ScriptedSink([both])
        sink.offer(3)
        #expect(sink.counters.sent[.traces] == 3 && sink.counters.dropped.total(.traces) == 0)
        #expect(sink.node.isEmpty && sink.unaccounted == 0)
    }

    @Test func closingDropsWhatWaitsAndWhatBacksOff() {
        var limits = QueueLimits()
        limits.consumers = 1
        let sink = ScriptedSink([.retry], limits: limits)
        sink.offer(1)
        sink.offer(2)
        sink.node.close()
        #expect(sink.counters.dropped.all == [.init(signal: .traces, reason: "shutdown"): 3])
        #expect(sink.node.isEmpty && sink.time.pending == 0 && sink.unaccounted == 0)
        #expect(sink.offer(1).status == Status.cancelled)
    }

    @Test func aDrainTriesWhatBacksOffAtOnce() {
        let sink = ScriptedSink([.retry, .ok])
        sink.offer(1)
        sink.node.hurry(untilNano: sink.time.monotonicNano)
        #expect(sink.attempts == [1, 2])
        #expect(sink.node.isEmpty && sink.time.pending == 0)
    }

    /// A failure during the drain is tried again before its end, not after the usual backoff.
    @Test func aDrainDoesNotWaitBeyondItsEnd() {
        let sink = ScriptedSink([.retry, .retry, .ok])
        sink.node.hurry(untilNano: sink.time.monotonicNano + 2_000_000_000)
        sink.offer(1)
        sink.time.advance(seconds: 1.9)
        #expect(sink.attempts == [1, 2, 3])
        #expect(sink.counters.sent[.traces] == 1 && sink.unaccounted == 0)
    }

    @Test func aDrainStillWaitsAsLongAsTheServerAsked() {
        var asked = ScriptedSink.Answer.retry
        asked.retryAfter = 1_500_000_000
        let sink = ScriptedSink([asked, .ok])
        sink.node.hurry(untilNano: sink.time.monotonicNano + 2_000_000_000)
        sink.offer(1)
        sink.time.advance(seconds: 1.4)
        #expect(sink.attempts == [1])
        sink.time.advance(seconds: 0.2)
        #expect(sink.attempts == [1, 2])
    }

    /// With one thread for two sinks, a sink that is never idle leaves room for the other.
    @Test func sinksThatMayBlockTakeTurns() throws {
        let pool = NIOThreadPool(numberOfThreads: 1)
        pool.start()
        defer { try? pool.syncShutdownGracefully() }
        let gate = ScriptedComponent.Gate()
        pool.submit { _ in gate.pass() }
        let (busy, other) = (ScriptedSink(blocking: pool), ScriptedSink(blocking: pool))
        for _ in 0..<500 { busy.offer(1) }
        other.noteWhenDelivering { busy.counters.sent[.traces] }
        other.offer(1)
        gate.leave()
        while !busy.node.isEmpty || !other.node.isEmpty { usleep(1000) }
        #expect(try #require(other.noted) < 500)
        #expect(busy.counters.sent[.traces] == 500)
    }

    @Test func aRetryThatIsSettledAfterClosingIsDropped() {
        let sink = ScriptedSink([.pending])
        sink.offer(6)
        sink.node.close()
        #expect(sink.node.load(.traces).items == 6)
        sink.settle(.retry)
        #expect(sink.counters.dropped.total(.traces) == 6)
        #expect(sink.node.isEmpty && sink.unaccounted == 0)
    }
}
