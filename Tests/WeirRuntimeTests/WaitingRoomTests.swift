import CWeir
import Foundation
import NIOCore
import Synchronization
import Testing
import WeirConfig
import WeirTelemetry

@testable import WeirRuntime

/// Batches for which there is no room at once, and their senders.
@Suite struct WaitingRoomTests {
    /// A receiver before a sink whose queue holds two requests, one of them under way.
    private struct Line {
        let sink: ScriptedSink
        let receiver: ScriptedComponent
        let outcomes = Outcomes()

        init(_ overflow: OverflowPolicy = .reject, requests: Int = 2) throws {
            var limits = QueueLimits()
            (limits.size, limits.consumers, limits.overflow) = (requests, 1, overflow)
            sink = ScriptedSink(Array(repeating: .pending, count: 1000), limits: limits)
            receiver = ScriptedComponent(
                kind: .receiver, time: sink.time, services: sink.services)
            try receiver.instance.create(settings: [])
            // Traces and logs come to the sink; metrics find nothing there.
            let outputs = Outputs([sink.node], time: sink.time)
            receiver.instance.wiring.begin(
                Wiring(outputs: [outputs, Outputs(), outputs], signals: [.traces, .logs]))
        }

        var time: VirtualTime { sink.time }
        var counters: ComponentCounters { receiver.instance.counters }

        func batch(_ items: Int, _ signal: WeirTelemetry.Signal = .traces, bytes: Int = 10)
            -> HostBatch
        {
            let buffer = ByteBuffer(repeating: 0, count: bytes)
            return HostBatch(signal: signal, items: items, parts: [buffer], owners: [])
        }

        @discardableResult
        func emit(
            _ batch: HostBatch, waiting seconds: Double = 1, from receiver: ScriptedComponent? = nil
        ) -> weir_status {
            var error = weir_error.make()
            let items = batch.items
            return (receiver ?? self.receiver).instance.emit(
                batch, waiting: UInt64(seconds * 1e9),
                told: { [outcomes] in outcomes.add(items, $0) }, error: &error)
        }
    }

    /// What senders were told, in order.
    private final class Outcomes: Sendable {
        private let told = Mutex<[(items: Int, status: weir_status, text: String)]>([])

        func add(_ items: Int, _ error: weir_error) {
            told.withLock { $0.append((items, error.status, error.text)) }
        }
        var items: [Int] { told.withLock { $0.map(\.items) } }
        var statuses: [weir_status] { told.withLock { $0.map(\.status) } }
        var lastText: String { told.withLock { $0.last?.text ?? "" } }
    }

    @Test func theyGetRoomInTheirOrderAsSoonAsThereIsSome() throws {
        let line = try Line()
        for items in 1...2 { #expect(line.emit(line.batch(items)) == Status.ok) }
        for items in 3...5 { #expect(line.emit(line.batch(items)) == Status.pending) }
        line.time.advance(seconds: 0.1)
        #expect(line.outcomes.items.isEmpty)
        line.sink.settle(.ok)
        // At this moment, and not when somebody asks again.
        line.time.advance(seconds: 0)
        #expect(line.outcomes.items == [3])
        #expect(line.emit(line.batch(6)) == Status.pending, "nobody overtakes those who wait")
        while line.sink.pending > 0 {
            line.sink.settle(.ok)
            line.time.advance(seconds: 0)
        }
        #expect(line.outcomes.items == [3, 4, 5, 6])
        #expect(line.outcomes.statuses.allSatisfy { $0 == Status.ok })
        #expect(line.sink.seen == [1, 2, 3, 4, 5, 6])
        #expect(line.emit(line.batch(7)) == Status.ok)
        #expect(line.counters.accepted[.traces] == 28 && line.sink.unaccounted == 0)
        // Nothing ticks where nobody waits.
        line.time.advance(seconds: 1)
        #expect(line.time.pending == 0)
    }

    /// However often it is tried: an operator counts items, not attempts.
    @Test func whatWaitsCountsAsRefusedOnceAtMost() throws {
        let line = try Line()
        for items in 1...2 { line.emit(line.batch(items)) }
        line.emit(line.batch(5))
        line.time.advance(seconds: 0.9)
        #expect(line.sink.counters.refused.total(.traces) == 5)
        #expect(line.counters.refused.total(.traces) == 0, "its sender waits")
        line.time.advance(seconds: 0.2)
        #expect(line.outcomes.statuses == [Status.retry])
        #expect(line.outcomes.lastText.contains("queue"))
        #expect(line.sink.counters.refused.total(.traces) == 5)
        #expect(line.counters.refused.total(.traces) == 5)
        #expect(line.counters.accepted[.traces] == 3)
    }

    /// The same for whoever holds a batch and emits it again by itself.
    @Test func aBatchThatIsEmittedAgainIsRefusedOnce() throws {
        let line = try Line()
        for items in 1...2 { line.emit(line.batch(items)) }
        let batch = line.batch(5)
        var error = weir_error.make()
        for _ in 0..<9 {
            #expect(line.receiver.instance.emit(batch, error: &error) == Status.retry)
        }
        #expect(line.counters.refused.total(.traces) == 5)
        #expect(line.sink.counters.refused.total(.traces) == 5)
        line.sink.settle(.ok)
        #expect(line.receiver.instance.emit(batch, error: &error) == Status.ok)
        // Another one is another one.
        #expect(line.receiver.instance.emit(line.batch(4), error: &error) == Status.retry)
        #expect(line.counters.refused.total(.traces) == 9)
        #expect(line.sink.counters.refused.total(.traces) == 9)
    }

    @Test func theyWaitForAsLongAsTheSinkWantsThemTo() throws {
        let line = try Line(.block)
        for items in 1...2 { line.emit(line.batch(items), waiting: 0) }
        #expect(line.emit(line.batch(3), waiting: 0) == Status.pending)
        line.time.advance(seconds: 4.9)
        #expect(line.outcomes.items.isEmpty)
        line.time.advance(seconds: 0.2)
        #expect(line.outcomes.statuses == [Status.retry])
    }

    @Test func whoIsNotToWaitIsToldAtOnce() throws {
        let line = try Line()
        for items in 1...2 { line.emit(line.batch(items)) }
        #expect(line.emit(line.batch(3), waiting: 0) == Status.retry)
        #expect(line.emit(line.batch(3, .metrics)) == Status.unsupported)
        #expect(line.time.pending == 0 && line.outcomes.items.isEmpty)
    }

    /// A signal whose line is stuck does not hold up another.
    @Test func signalsDoNotWaitForEachOther() throws {
        let line = try Line()
        let free = ScriptedSink(limits: QueueLimits())
        let full = Outputs([line.sink.node], time: line.time)
        line.receiver.instance.wiring.begin(
            Wiring(
                outputs: [full, Outputs(), Outputs([free.node], time: line.time)],
                signals: [.traces, .logs]))
        for items in 1...3 { line.emit(line.batch(items)) }
        #expect(line.emit(line.batch(9, .logs)) == Status.ok)
        #expect(line.outcomes.items.isEmpty && free.delivered == [9])
    }

    /// Nor does a sink that is stuck hold up another one of the same fan-out: what waits for the one
    /// has been offered to the other.
    @Test func aSinkThatIsStuckHoldsUpNoOther() throws {
        let line = try Line()
        let free = ScriptedSink(limits: QueueLimits())
        line.receiver.instance.wiring.begin(
            Wiring(
                outputs: [
                    Outputs([line.sink.node, free.node], time: line.time), Outputs(), Outputs(),
                ], signals: [.traces]))
        for items in 1...3 { line.emit(line.batch(items)) }
        line.time.advance(seconds: 0)
        for items in 4...6 { line.emit(line.batch(items)) }
        #expect(free.delivered == [1, 2, 3, 4, 5, 6] && line.outcomes.items.isEmpty)
        while line.sink.pending > 0 {
            line.sink.settle(.ok)
            line.time.advance(seconds: 0)
        }
        #expect(line.outcomes.items == [3, 4, 5, 6] && line.sink.seen == [1, 2, 3, 4, 5, 6])
        #expect(free.delivered == [1, 2, 3, 4, 5, 6], "each has it once")
        // With nobody split, order counts again.
        #expect(line.emit(line.batch(7)) == Status.ok)
    }

    @Test func theWaitIsBoundedInBytes() throws {
        let line = try Line()
        for items in 1...2 { line.emit(line.batch(items)) }
        let half = WaitingRoom.byteBound / 2
        for _ in 0..<2 { #expect(line.emit(line.batch(1, bytes: half)) == Status.pending) }
        #expect(line.emit(line.batch(1)) == Status.retry)
        #expect(line.counters.refused.total(.traces) == 1)
        line.time.advance(seconds: 2)
        #expect(line.outcomes.statuses == [Status.retry, Status.retry])
        // One that is larger than the bound waits alone, or it would come again for ever.
        #expect(line.emit(line.batch(1, bytes: half * 3)) == Status.pending)
    }

    @Test func theEndTellsThemToComeAgain() throws {
        let line = try Line()
        for items in 1...4 { line.emit(line.batch(items)) }
        try line.receiver.instance.stop(deadlineNano: 0)
        #expect(line.outcomes.items == [3, 4])
        #expect(line.outcomes.statuses == [Status.retry, Status.retry])
        #expect(line.outcomes.lastText.contains("is being stopped"))
        #expect(line.emit(line.batch(5)) == Status.retry)
        line.sink.settle(.ok)
        line.time.advance(seconds: 2)
        #expect(line.sink.seen == [1, 2] && line.outcomes.items == [3, 4])
        #expect(line.time.pending == 0)
    }

    /// A pipeline whose share is used up tells them as a sink does.
    @Test func theyGetTheRoomOfAPipeline() throws {
        let line = try Line(requests: 1000)
        let share = line.sink.services.shares.share(of: "traces")
        line.sink.services.shares.apply(["traces": PipelineMemory(limit: 100)])
        let entrance = PipelineEntrance(share, to: [line.sink.node], time: line.time)
        line.receiver.instance.wiring.begin(
            Wiring(
                outputs: [Outputs([entrance], time: line.time), Outputs(), Outputs()],
                signals: [.traces]))
        #expect(line.emit(line.batch(1, bytes: 80)) == Status.ok)
        #expect(line.emit(line.batch(2, bytes: 80)) == Status.pending)
        line.time.advance(seconds: 0.5)
        #expect(share.refused[.traces] == 2)
        line.sink.settle(.ok)
        line.time.advance(seconds: 0)
        #expect(line.outcomes.statuses == [Status.ok])
    }

    /// What the sink behind it refuses makes no room in the pipeline.
    @Test func whatIsRefusedBehindAShareRingsNobody() throws {
        let line = try Line()
        let share = line.sink.services.shares.share(of: "traces")
        line.sink.services.shares.apply(["traces": PipelineMemory(limit: 1000)])
        let entrance = PipelineEntrance(share, to: [line.sink.node], time: line.time)
        line.receiver.instance.wiring.begin(
            Wiring(
                outputs: [Outputs([entrance], time: line.time), Outputs(), Outputs()],
                signals: [.traces]))
        for items in 1...2 { #expect(line.emit(line.batch(items, bytes: 80)) == Status.ok) }
        let hint = share.retryAfterNano
        #expect(line.emit(line.batch(3, bytes: 80)) == Status.pending)
        line.time.advance(seconds: 0.5)
        #expect(line.time.pending == 1, "the tick alone")
        #expect(share.used == 160 && share.retryAfterNano == hint)
        line.sink.settle(.ok)
        line.time.advance(seconds: 0)
        #expect(line.outcomes.statuses == [Status.ok])
    }

    /// Several lines want the same room: none of them takes it all.
    @Test func whoHasWaitedLongestIsFirst() throws {
        let line = try Line()
        let other = ScriptedComponent(
            kind: .receiver, time: line.time, services: line.sink.services)
        try other.instance.create(settings: [])
        let outputs = Outputs([line.sink.node], time: line.time)
        other.instance.wiring.begin(
            Wiring(outputs: [outputs, Outputs(), outputs], signals: [.traces, .logs]))
        for items in 1...2 { line.emit(line.batch(items)) }
        let senders: [(ScriptedComponent, WeirTelemetry.Signal)] = [
            (line.receiver, .logs), (other, .logs), (line.receiver, .traces), (other, .traces),
            (line.receiver, .logs), (other, .traces), (line.receiver, .traces),
        ]
        for (items, (receiver, signal)) in zip(3..., senders) {
            #expect(line.emit(line.batch(items, signal), from: receiver) == Status.pending)
            line.time.advance(seconds: 0.001)
        }
        while line.sink.pending > 0 {
            line.sink.settle(.ok)
            line.time.advance(seconds: 0)
        }
        #expect(line.outcomes.items == Array(3...9))
        #expect(line.sink.seen == Array(1...9))
    }

    /// An event loop does other things between those of a long line.
    @Test func aLongLineIsServedInTurns() throws {
        let line = try Line()
        for items in 1...2 { line.emit(line.batch(items)) }
        for items in 3...202 { line.emit(line.batch(items)) }
        let free = ScriptedSink()
        line.receiver.instance.wiring.begin(
            Wiring(
                outputs: [Outputs([free.node], time: line.time), Outputs(), Outputs()],
                signals: [.traces]))
        line.receiver.instance.tryGuests()
        #expect((1..<200).contains(line.outcomes.items.count))
        line.time.advance(seconds: 0)
        #expect(line.outcomes.items == Array(3...202))
    }

    /// Components in between that pass a batch on as it came do not count for its receiver, nor one
    /// branch for another.
    @Test(arguments: [false, true])
    func whatIsRefusedBehindProcessorsCountsAtEachPlace(waits: Bool) throws {
        let line = try Line()
        var limits = QueueLimits()
        (limits.size, limits.consumers) = (1, 1)
        let far = ScriptedSink([.pending], limits: limits)
        far.offer(9)
        for items in 1...2 { line.emit(line.batch(items)) }
        let processors = try [line.sink, far].map { sink in
            let processor = ScriptedComponent(time: line.time, services: line.sink.services)
            try processor.instance.create(settings: [])
            let outputs = Outputs([sink.node], time: line.time)
            processor.instance.wiring.begin(
                Wiring(outputs: [outputs, Outputs(), Outputs()], signals: [.traces]))
            return processor
        }
        let nodes = processors.map { ProcessorNode($0.instance) }
        line.receiver.instance.wiring.begin(
            Wiring(
                outputs: [Outputs(nodes, time: line.time), Outputs(), Outputs()],
                signals: [.traces]))
        let batch = line.batch(5)
        if waits {
            #expect(line.emit(batch) == Status.pending)
            line.time.advance(seconds: 2)
            #expect(line.outcomes.statuses == [Status.retry])
        } else {
            for _ in 0..<3 { #expect(line.emit(batch, waiting: 0) == Status.retry) }
        }
        #expect(line.counters.refused.total(.traces) == 5)
        #expect(processors.map { $0.instance.counters.refused.total(.traces) } == [5, 5])
        #expect([line.sink, far].map { $0.counters.refused.total(.traces) } == [5, 5])
    }

    /// A processor tries what it holds of others whenever something comes, also if that comes again.
    @Test func whatAProcessorHoldsCountsForItself() throws {
        let line = try Line()
        for items in 1...2 { line.emit(line.batch(items)) }
        let processor = ScriptedComponent(time: line.time, services: line.sink.services)
        try processor.instance.create(settings: [])
        let outputs = Outputs([line.sink.node], time: line.time)
        processor.instance.wiring.begin(
            Wiring(outputs: [outputs, Outputs(), Outputs()], signals: [.traces]))
        let held = line.batch(7)
        let comesAgain = Atomic<Bool>(false)
        let instance = processor.instance!
        processor.consumes {
            guard comesAgain.exchange(true, ordering: .relaxed) else { return Status.retry }
            var error = weir_error.make()
            return instance.emit(held, error: &error)
        }
        line.receiver.instance.wiring.begin(
            Wiring(
                outputs: [
                    Outputs([ProcessorNode(instance)], time: line.time), Outputs(), Outputs(),
                ], signals: [.traces]))
        line.emit(line.batch(5))
        line.time.advance(seconds: 2)
        #expect(line.outcomes.statuses == [Status.retry])
        var error = weir_error.make()
        for _ in 0..<2 { #expect(instance.emit(held, error: &error) == Status.retry) }
        #expect(line.sink.counters.refused.total(.traces) == 7)
        #expect(line.counters.refused.total(.traces) == 5)
    }

    /// A processor that means "later" when it may not would leave a sender waiting for ever.
    @Test func aProcessorCannotPretendThatItWaits() throws {
        let line = try Line()
        let processor = ScriptedComponent(time: line.time, services: line.sink.services)
        try processor.instance.create(settings: [])
        processor.consumes { Status.pending }
        let outputs = Outputs([ProcessorNode(processor.instance)], time: line.time)
        line.receiver.instance.wiring.begin(
            Wiring(outputs: [outputs, Outputs(), Outputs()], signals: [.traces]))
        #expect(line.emit(line.batch(1)) == Status.refused)
        #expect(line.counters.refused.total(.traces) == 1 && line.outcomes.items.isEmpty)
    }

    /// From many threads at once, while room comes and goes: each is told once, nothing is lost.
    @Test func manyThreadsAreEachToldOnce() throws {
        let line = try Line()
        let (threads, rounds) = (4, 200)
        let done = Atomic<Int>(0)
        let taken = Atomic<Int>(0)
        for _ in 0..<threads {
            Thread.detachNewThread {
                for _ in 0..<rounds where line.emit(line.batch(1), waiting: 1e6) == Status.ok {
                    taken.add(1, ordering: .relaxed)
                }
                done.add(1, ordering: .relaxed)
            }
        }
        while done.load(ordering: .relaxed) < threads || line.sink.pending > 0
            || !line.receiver.instance.room.isEmpty
        {
            if line.sink.pending > 0 { line.sink.settle(.ok) }
            line.time.advance(seconds: 0.001)
        }
        let all = threads * rounds
        #expect(line.outcomes.items.count + taken.load(ordering: .relaxed) == all)
        #expect(line.outcomes.statuses.allSatisfy { $0 == Status.ok })
        #expect(line.counters.accepted[.traces] == all && line.sink.seen.count == all)
        #expect(line.counters.refused.total(.traces) == 0 && line.sink.unaccounted == 0)
    }
}
