import CWeir
import Foundation
import NIOCore
import Synchronization
import Testing
import WeirConfig
import WeirTelemetry

@testable import WeirRuntime

/// What waits for room where ways part: no sink holds up another, whatever stands before them, and
/// each gets everything once and in its order.
@Suite struct PartingWaysTests {
    enum Way: CaseIterable, Sendable {
        case direct, behindAnEditor, behindAShare, nested
    }

    /// Makes new batches of what it gets, as an editing processor does.
    private final class Editor: Consumer {
        let isRequired = true
        let outputs: Outputs
        init(_ outputs: Outputs) { self.outputs = outputs }

        func take(_ batch: HostBatch, error: UnsafeMutablePointer<weir_error>) -> weir_status {
            let copy = HostBatch(
                signal: batch.signal, items: batch.items,
                parts: [ByteBuffer(string: "edited")] + batch.parts, owners: [batch])
            return outputs.take(copy, error: error)
        }

        func wouldTake(_ batch: HostBatch, error: UnsafeMutablePointer<weir_error>) -> weir_status {
            outputs.wouldTake(batch, error: error)
        }

        func drop(_ batch: HostBatch, reason: String) {}
    }

    /// A component before three sinks that take so many requests at once.
    private struct Fork {
        let sinks: [ScriptedSink]
        let source: ScriptedComponent
        let taken = Told()

        init(_ way: Way, _ capacities: [Int]) throws {
            let sinks = capacities.map { capacity in
                var limits = QueueLimits()
                (limits.size, limits.consumers) = (capacity, capacity)
                return ScriptedSink(Array(repeating: .pending, count: 2000), limits: limits)
            }
            self.sinks = sinks
            let (time, services) = (sinks[0].time, sinks[0].services)
            source = ScriptedComponent(kind: .receiver, time: time, services: services)
            try source.instance.create(settings: [])
            let nodes = sinks.map { $0.node! }
            let outputs =
                switch way {
                case .direct: Outputs(nodes, time: time)
                case .behindAnEditor:
                    Outputs([Editor(Outputs(nodes, time: time))], time: time)
                case .behindAShare:
                    Outputs(
                        [
                            PipelineEntrance(
                                services.shares.share(of: "traces"), to: nodes, time: time)
                        ], time: time)
                case .nested:
                    Outputs(
                        [
                            Editor(Outputs(Array(nodes.dropFirst()), time: time)),
                            Editor(Outputs([nodes[0]], time: time)),
                        ], time: time)
                }
            source.instance.wiring.begin(
                Wiring(outputs: [outputs, Outputs(), Outputs()], signals: [.traces]))
        }

        var time: VirtualTime { sinks[0].time }

        /// - Returns: whether the sender was told that it is taken or waits.
        @discardableResult
        func emit(_ items: Int, waiting patience: UInt64 = .max) -> Bool {
            let bytes = ByteBuffer(string: "request \(items)")
            let batch = HostBatch(signal: .traces, items: items, parts: [bytes], owners: [])
            var error = weir_error.make()
            let status = source.instance.emit(
                batch, waiting: patience, told: { [taken] in taken.add($0.status) }, error: &error)
            if status == Status.ok { taken.add(status) }
            return status == Status.ok || status == Status.pending
        }

        /// Everything gets through in the end.
        func finish() {
            while !source.instance.room.isEmpty || sinks.contains(where: { $0.pending > 0 }) {
                for sink in sinks where sink.pending > 0 { sink.settle(.ok) }
                time.advance(seconds: 0.02)
            }
        }
    }

    /// What became of the batches.
    private final class Told: Sendable {
        private let statuses = Mutex<[weir_status]>([])
        func add(_ status: weir_status) { statuses.withLock { $0.append(status) } }
        var count: Int { statuses.withLock { $0.count } }
        var areOK: Bool { statuses.withLock { $0.allSatisfy { $0 == Status.ok } } }
    }

    @Test(arguments: Way.allCases)
    func noSinkHoldsUpAnother(_ way: Way) throws {
        let fork = try Fork(way, [1, 1000, 1000])
        for items in 1...50 { #expect(fork.emit(items)) }
        fork.time.advance(seconds: 0)
        #expect(fork.sinks.map(\.seen.count) == [1, 50, 50])
        // Whoever comes now is offered to the others at once.
        #expect(fork.emit(51))
        #expect(fork.sinks.map(\.seen.count) == [1, 51, 51])
        // There is room; who comes in this moment does not take it from those who have waited.
        fork.sinks[0].settle(.ok)
        #expect(fork.emit(52))
        fork.time.advance(seconds: 0)
        #expect(fork.sinks[0].seen == [1, 2])
        fork.finish()
        for sink in fork.sinks { #expect(sink.seen == Array(1...52)) }
        #expect(fork.taken.count == 52 && fork.taken.areOK)
    }

    /// A component that cannot let it wait is answered by those who have room, too.
    @Test(arguments: Way.allCases)
    func whatCannotWaitIsOfferedToTheOthers(_ way: Way) throws {
        let fork = try Fork(way, [1, 1000, 1000])
        for items in 1...3 { fork.emit(items) }
        fork.time.advance(seconds: 0)
        for _ in 0..<3 { #expect(!fork.emit(4, waiting: 0)) }
        #expect(fork.sinks.map(\.seen.count) == [1, 4, 4])
        fork.sinks[0].settle(.ok)
        #expect(!fork.emit(4, waiting: 0), "others are before it")
        fork.finish()
        #expect(fork.emit(4, waiting: 0))
        for sink in fork.sinks { #expect(sink.seen == [1, 2, 3, 4]) }
    }

    /// Their time is over one after the other, whoever is stuck.
    @Test func theirTimeEnds() throws {
        let fork = try Fork(.direct, [1, 1000, 1000])
        for items in 1...10 {
            fork.emit(items, waiting: 1_000_000_000)
            fork.time.advance(seconds: 0.1)
        }
        #expect(fork.taken.count == 1)
        fork.time.advance(seconds: 0.5)
        #expect(fork.taken.count == 6)
        fork.time.advance(seconds: 0.5)
        #expect(fork.taken.count == 10 && fork.source.instance.room.isEmpty)
        #expect(fork.sinks.map(\.seen.count) == [1, 10, 10])
    }

    /// Sinks that have room now and then, in any order.
    @Test(arguments: Way.allCases)
    func eachGetsAllInItsOrder(_ way: Way) throws {
        for seed in 0..<100 {
            var random = SeededRandom(seed: UInt64(seed) * 2 + 1)
            let capacities = (0..<3).map { _ in Int.random(in: 1...4, using: &random) }
            let fork = try Fork(way, capacities)
            var count = 0
            for _ in 0..<120 {
                switch Int.random(in: 0..<5, using: &random) {
                case 0...2:
                    count += 1
                    fork.emit(count)
                case 3:
                    let sink = fork.sinks.randomElement(using: &random)!
                    if sink.pending > 0 { sink.settle(.ok) }
                default:
                    fork.time.advance(seconds: 0.02)
                    for (sink, capacity) in zip(fork.sinks, capacities)
                    where sink.pending < capacity {
                        #expect(sink.seen.count == count, "seed \(seed): held up by another")
                    }
                }
                for sink in fork.sinks {
                    #expect(sink.seen == Array(1..<(sink.seen.count + 1)), "seed \(seed)")
                }
            }
            fork.finish()
            for sink in fork.sinks {
                #expect(sink.seen == Array(1..<(count + 1)), "seed \(seed)")
                #expect(sink.unaccounted == 0)
            }
            #expect(fork.taken.count == count && fork.taken.areOK)
        }
    }

    /// From many threads at once: what one of them brings keeps its order at each sink.
    @Test func threadsKeepTheirOrder() throws {
        let fork = try Fork(.direct, [1, 3, 2])
        let (threads, rounds) = (4, 200)
        let done = Atomic<Int>(0)
        for thread in 0..<threads {
            Thread.detachNewThread {
                for round in 0..<rounds { fork.emit(thread * rounds + round + 1) }
                done.add(1, ordering: .relaxed)
            }
        }
        while done.load(ordering: .relaxed) < threads {
            for sink in fork.sinks where sink.pending > 0 { sink.settle(.ok) }
            fork.time.advance(seconds: 0.02)
        }
        fork.finish()
        for sink in fork.sinks {
            #expect(sink.seen.count == threads * rounds)
            for thread in 0..<threads {
                let own = sink.seen.filter { ($0 - 1) / rounds == thread }
                #expect(own == own.sorted() && Set(own).count == rounds)
            }
        }
        #expect(fork.taken.count == threads * rounds && fork.taken.areOK)
    }

    /// A processor that joins what it gets learns that some have this already.
    @Test func aProcessorIsToldWhatComesAgain() throws {
        let sinks = [1, 1000].map { capacity in
            var limits = QueueLimits()
            (limits.size, limits.consumers) = (capacity, capacity)
            return ScriptedSink([.pending, .pending, .pending], limits: limits)
        }
        let processor = ScriptedComponent(time: sinks[0].time, services: sinks[0].services)
        try processor.instance.create(settings: [])
        let nodes = sinks.map { $0.node! }
        processor.instance.wiring.begin(
            Wiring(
                outputs: [Outputs(nodes, time: sinks[0].time), Outputs(), Outputs()],
                signals: [.traces]))
        let node = ProcessorNode(processor.instance)
        func give(_ text: String, _ items: Int) -> weir_status {
            let bytes = ByteBuffer(string: text)
            var error = weir_error.make()
            return node.take(
                HostBatch(signal: .traces, items: items, parts: [bytes], owners: []), error: &error)
        }
        #expect(give("first", 1) == Status.ok)
        for _ in 0..<2 { #expect(give("second", 2) == Status.retry) }
        #expect(give("third", 3) == Status.retry)
        sinks[0].settle(.ok)
        #expect(give("second", 2) == Status.ok)
        let again = UInt32(WEIR_BATCH_COMES_AGAIN)
        #expect(processor.flags == [0, 0, again, 0, again])
        #expect(sinks.map(\.seen) == [[1, 2], [1, 2, 3]])
        // Who sends it once more after that wants it sent once more.
        sinks[0].settle(.ok)
        #expect(give("second", 2) == Status.ok)
        #expect(processor.flags.last == 0)
    }
}

extension PartingWaysTests {
    /// receiver → [processor → first two sinks] + [the other sinks]; the processor passes on what it
    /// gets as it came, and test code emits from it what it has "made" itself, as batch does.
    private struct Chain {
        let sinks: [ScriptedSink]
        let receiver: ScriptedComponent
        let processor: ScriptedComponent

        init(_ capacities: [Int]) throws {
            let sinks = capacities.map { capacity in
                var limits = QueueLimits()
                (limits.size, limits.consumers) = (capacity, capacity)
                return ScriptedSink(Array(repeating: .pending, count: 2000), limits: limits)
            }
            self.sinks = sinks
            let (time, services) = (sinks[0].time, sinks[0].services)
            receiver = ScriptedComponent(kind: .receiver, time: time, services: services)
            processor = ScriptedComponent(time: time, services: services)
            try receiver.instance.create(settings: [])
            try processor.instance.create(settings: [])
            let nodes: [any Consumer] = sinks.map { $0.node! }
            let first: any Consumer = ProcessorNode(processor.instance)
            processor.instance.wiring.begin(
                Wiring(
                    outputs: [Outputs(Array(nodes.prefix(2)), time: time), Outputs(), Outputs()],
                    signals: [.traces]))
            receiver.instance.wiring.begin(
                Wiring(
                    outputs: [
                        Outputs([first] + nodes.dropFirst(2), time: time), Outputs(), Outputs(),
                    ], signals: [.traces]))
        }

        var time: VirtualTime { sinks[0].time }

        @discardableResult
        func emit(
            _ items: Int, from component: ScriptedComponent, waiting patience: UInt64 = .max
        ) -> weir_status {
            let bytes = ByteBuffer(string: "request \(items)")
            let batch = HostBatch(signal: .traces, items: items, parts: [bytes], owners: [])
            var error = weir_error.make()
            return component.instance.emit(batch, waiting: patience, told: { _ in }, error: &error)
        }
    }

    /// The second one of two sinks is stuck since a later request.
    @Test func twoStuckSinksAreNotTriedForEver() throws {
        let fork = try Fork(.direct, [1, 100])
        for items in 1...150 { #expect(fork.emit(items)) }
        fork.time.advance(seconds: 0)
        #expect(fork.sinks.map(\.seen.count) == [1, 100])
        fork.finish()
        for sink in fork.sinks { #expect(sink.seen == Array(1...150)) }
    }

    /// One sink is stuck, behind a processor where others wait, too.
    @Test func whatAProcessorPassedOnIsNotTriedForEver() throws {
        let chain = try Chain([1, 1000])
        for items in 1...2 { chain.emit(items, from: chain.processor) }
        chain.time.advance(seconds: 0.001)
        for items in 3...102 { chain.emit(items, from: chain.receiver) }
        chain.time.advance(seconds: 0)
        #expect(chain.sinks.map(\.seen.count) == [1, 102])
    }

    /// A sink with room, behind a processor where others waited, beside one that is stuck.
    @Test func aSinkBehindAProcessorIsNotHeldUpByOneBesideIt() throws {
        let chain = try Chain([3, 1000, 1])
        for items in 1...4 { chain.emit(items, from: chain.processor) }
        chain.time.advance(seconds: 0.001)
        for items in 5...7 { chain.emit(items, from: chain.receiver) }
        chain.time.advance(seconds: 0.001)
        #expect(chain.sinks.map(\.seen) == [[1, 2, 3], Array(1...7), [5]])
        for _ in 0..<3 { chain.sinks[0].settle(.ok) }
        chain.time.advance(seconds: 0)
        for _ in 0..<3 { chain.sinks[0].settle(.ok) }
        chain.time.advance(seconds: 1)
        #expect(chain.sinks[0].seen == Array(1...7))
    }

    /// What waits at a receiver is not overtaken when a processor behind it has nobody waiting any more.
    @Test func nobodyOvertakesThroughAProcessor() throws {
        let chain = try Chain([2, 1000])
        for items in 1...2 { chain.emit(items, from: chain.processor) }
        chain.emit(3, from: chain.receiver)
        chain.time.advance(seconds: 0.001)
        chain.emit(4, from: chain.processor)
        chain.time.advance(seconds: 0.001)
        chain.time.advance(seconds: 0.02)
        for _ in 0..<2 { chain.sinks[0].settle(.ok) }
        chain.time.advance(seconds: 0)
        chain.emit(5, from: chain.receiver)
        #expect(!chain.sinks[0].seen.contains(5), "3 of the same receiver waits for this sink")
    }

    /// A plugin that returns WEIR_RETRY and leaves the error as it was.
    @Test func aRefusalWithoutAMessageIsARefusal() throws {
        let chain = try Chain([1, 1000, 1000])
        let told = Told()
        chain.processor.consumes { Status.retry }
        for items in 1...3 {
            let bytes = ByteBuffer(string: "request \(items)")
            let batch = HostBatch(signal: .traces, items: items, parts: [bytes], owners: [])
            var error = weir_error.make()
            let status = chain.receiver.instance.emit(
                batch, waiting: .max, told: { told.add($0.status) }, error: &error)
            #expect(status == Status.pending)
        }
        chain.time.advance(seconds: 0)
        #expect(told.count == 0)
        #expect(chain.sinks[2].seen == [1, 2, 3])
    }

    /// Nobody waits longer than it wants to, whoever is before it.
    @Test func patienceIsEachOnesOwn() throws {
        let fork = try Fork(.direct, [1])
        fork.emit(1)
        fork.emit(2)
        fork.emit(3, waiting: 100_000_000)
        fork.emit(4)
        fork.time.advance(seconds: 0.09)
        #expect(fork.taken.count == 1)
        fork.time.advance(seconds: 0.05)
        #expect(fork.taken.count == 2 && !fork.taken.areOK)
        fork.finish()
        #expect(fork.sinks[0].seen == [1, 2, 4])
    }

    /// Only what a component has not taken itself may be given up because of such an answer.
    @Test(arguments: [Status.cancelled, Status.timeout])
    func whatIsTakenAlreadyIsNotGivenUp(_ answer: weir_status) throws {
        let chain = try Chain([1000, 1000])
        let answers = Atomic<Int>(0)
        chain.processor.consumes {
            answers.add(1, ordering: .relaxed).newValue < 3 ? answer : Status.ok
        }
        #expect(chain.emit(1, from: chain.receiver) == Status.pending)
        chain.time.advance(seconds: 0.05)
        #expect(answers.load(ordering: .relaxed) == 3 && chain.receiver.instance.room.isEmpty)
        answers.store(0, ordering: .relaxed)
        #expect(chain.emit(2, from: chain.receiver, waiting: 1_000_000_000) == answer)
    }

    /// Sinks that a reload keeps get nothing twice of what waits for one that it takes out, and one that
    /// it adds gets it, too.
    @Test(arguments: [1, 2, 3])
    func aReloadKeepsWhoHasWhat(_ kept: Int) throws {
        let fork = try Fork(.direct, [1, 1000, 1000])
        for items in 1...5 { fork.emit(items) }
        fork.time.advance(seconds: 0)
        let added = ScriptedSink()
        let nodes: [any Consumer] =
            switch kept {
            case 1: [fork.sinks[1].node!]
            case 2: [fork.sinks[2].node!, fork.sinks[1].node!]
            default: [added.node!, fork.sinks[2].node!, fork.sinks[1].node!]
            }
        let former = fork.source.instance.wiring.withCurrent { $0 }
        let wiring = former.leading(to: [nodes, [], []], [.traces], fork.time)
        fork.source.instance.wiring.begin(wiring!)
        fork.emit(6)
        fork.time.advance(seconds: 0.02)
        #expect(fork.taken.count == 6 && fork.taken.areOK)
        #expect(fork.sinks[1].seen == Array(1...6))
        #expect(fork.sinks[2].seen == Array(1...(kept == 1 ? 5 : 6)))
        #expect(fork.sinks[0].seen == [1])
        if kept == 3 { #expect(added.seen.sorted() == Array(2...6)) }
    }
}
