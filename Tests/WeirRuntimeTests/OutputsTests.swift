import CWeir
import NIOCore
import Synchronization
import Testing
import WeirTelemetry

@testable import WeirRuntime

/// Batches that go to several.
@Suite struct OutputsTests {
    /// A request that is known by its bytes and its number of items.
    private func request(_ id: Int, owners: [AnyObject] = []) -> HostBatch {
        HostBatch(
            signal: .traces, items: id, parts: [ByteBuffer(string: "request \(id)")],
            owners: owners)
    }

    private func narrow(_ size: Int = 2, _ answers: [ScriptedSink.Answer]) -> ScriptedSink {
        var limits = QueueLimits()
        (limits.size, limits.consumers) = (size, 1)
        return ScriptedSink(answers, limits: limits)
    }

    private func take(_ outputs: Outputs, _ batch: HostBatch) -> weir_error {
        var error = weir_error.make()
        error.status = outputs.take(batch, error: &error)
        return error
    }

    @Test func aSlowSinkHoldsUpNoOther() {
        let (fast, stuck) = (ScriptedSink(), narrow(1, [.pending]))
        let outputs = Outputs([stuck.node, fast.node], time: fast.time)
        #expect(take(outputs, request(1)).status == Status.ok)
        for id in 2...50 {
            let refusal = take(outputs, request(id))
            #expect(refusal.status == Status.retry && refusal.retry_after_ns >= 1_000_000_000)
        }
        #expect(fast.delivered == Array(1...50))
        #expect(stuck.seen == [1] && stuck.node.load.requests == 1)
    }

    /// Clients that come back with the same bytes until they are taken, and three sinks of which
    /// one is slow and one fails now and then: each gets each request once.
    @Test(arguments: [false, true])
    func aClientThatTriesAgainNeverDuplicates(sameObject: Bool) {
        let count = 400
        let slow = narrow(3, Array(repeating: .pending, count: count))
        let shaky = narrow(5, Array(repeating: .pending, count: count))
        let fast = ScriptedSink()
        let outputs = Outputs([fast.node, slow.node, shaky.node], time: fast.time)
        var waiting = (1...count).map { ($0, request($0)) }
        var rounds = 0
        var refusals = 0
        while !waiting.isEmpty, rounds < 10_000 {
            rounds += 1
            // The order in which clients come back is not that in which they came.
            let index = (rounds * 7919) % waiting.count
            let (id, known) = waiting[index]
            let status = take(outputs, sameObject ? known : request(id)).status
            if status == Status.ok { waiting.remove(at: index) } else { refusals += 1 }
            if rounds % 3 == 0, slow.pending > 0 { slow.settle(.ok) }
            if rounds % 4 == 0, shaky.pending > 0 { shaky.settle(.ok) }
        }
        while slow.pending > 0 { slow.settle(.ok) }
        while shaky.pending > 0 { shaky.settle(.ok) }
        #expect(waiting.isEmpty && refusals > count)
        for sink in [fast, slow, shaky] {
            #expect(sink.seen.sorted() == Array(1...count))
            #expect(sink.node.isEmpty && sink.unaccounted == 0)
        }
    }

    /// A processor on one branch makes new batches of what it gets and feeds two sinks itself.
    private final class Copying: Consumer {
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

    @Test func eachFanOutRemembersItsOwn() {
        let (near, far, slow) = (ScriptedSink(), ScriptedSink(), narrow(1, [.pending, .pending]))
        let inner = Copying(Outputs([far.node, slow.node], time: near.time))
        let outputs = Outputs([near.node, inner], time: near.time)
        #expect(take(outputs, request(1)).status == Status.ok)
        for _ in 0..<3 { #expect(take(outputs, request(2)).status == Status.retry) }
        slow.settle(.ok)
        #expect(take(outputs, request(2)).status == Status.ok)
        for sink in [near, far, slow] { #expect(sink.seen == [1, 2]) }
    }

    @Test func whatIsRefusedForGoodIsForgotten() {
        final class Refusing: Consumer {
            let isRequired = true
            func take(_: HostBatch, error: UnsafeMutablePointer<weir_error>) -> weir_status {
                error.pointee.set(Status.refused, "never")
                return Status.refused
            }
            func wouldTake(_: HostBatch, error: UnsafeMutablePointer<weir_error>) -> weir_status {
                Status.ok
            }

            func drop(_ batch: HostBatch, reason: String) {}
        }
        let (sink, slow) = (ScriptedSink(), narrow(1, [.pending]))
        let refusing = Outputs([sink.node, Refusing()], time: sink.time)
        for _ in 0..<2 {
            let refusal = take(refusing, request(1))
            #expect(refusal.status == Status.refused && refusal.text == "never")
        }
        #expect(sink.seen == [1, 1], "who sends again what was refused wants it sent again")
        let both = Outputs([slow.node, Refusing()], time: sink.time)
        #expect(take(both, request(1)).status == Status.refused)
        #expect(take(both, request(2)).status == Status.retry, "it may still get through")
    }

    @Test func recordsAreBoundedInNumberAndTime() {
        let time = VirtualTime()
        let records = DeliveryRecords(time: time, limit: 2)
        let keys = (1...3).map { request($0).deliveryKey }
        #expect(Set(keys).count == 3 && keys[0] == request(1).deliveryKey)
        func taken() -> [UInt64] { keys.map { records.record($0).taken } }
        for key in keys { records.note(key, .init(taken: 5)) }
        #expect(taken() == [5, 5, 0] && records.isFull)
        records.remove(keys[0])
        #expect(taken() == [0, 5, 0] && !records.isFull)
        time.advance(seconds: 599)
        #expect(taken() == [0, 5, 0])
        time.advance(seconds: 2)
        #expect(taken() == [0, 0, 0] && !records.isEmpty, "it is swept now and then")
        time.advance(seconds: 60)
        #expect(taken() == [0, 0, 0] && records.isEmpty)
    }

    /// A client that came back is answered when the sink that took the request the first time has
    /// delivered it, too; and if that gave it up, it gets it once more.
    @Test(arguments: [true, false])
    func whoComesBackWaitsForTheFirstTimeToo(isDelivered: Bool) {
        let watcher = AcknowledgementTests.Watcher()
        let first = narrow(10, [.pending, .pending])
        let slow = narrow(1, [.pending, .ok, .ok])
        let outputs = Outputs([first.node, slow.node], time: first.time)
        func send() -> weir_status {
            let batch = watcher.batch(1)
            #expect(watcher.watch(batch) == Status.ok)
            return take(outputs, batch).status
        }
        slow.offer(request(9))
        #expect(send() == Status.retry)
        if !isDelivered {
            first.settle(.refused)
            #expect(watcher.outcomes(1) == [Status.refused])
        }
        slow.settle(.ok)
        #expect(send() == Status.ok)
        #expect(slow.seen == [9, 1])
        #expect(first.seen == (isDelivered ? [1] : [1, 1]))
        #expect(watcher.open == (isDelivered ? 2 : 1))
        first.settle(.ok)
        #expect(watcher.outcomes(2).last == Status.ok && watcher.open == 0)
    }

    /// One that waits for room behind a processor that edits is another object each time, with the
    /// same bytes: it does not wait for itself.
    @Test func whoIsTriedAgainDoesNotWaitForItself() {
        let watcher = AcknowledgementTests.Watcher()
        let (fast, slow) = (ScriptedSink(), narrow(1, [.pending]))
        let inner = Copying(Outputs([fast.node, slow.node], time: fast.time))
        slow.offer(request(9))
        do {
            let batch = watcher.batch(1)
            #expect(watcher.watch(batch) == Status.ok)
            let outputs = Outputs([inner], time: fast.time)
            for _ in 0..<3 { #expect(take(outputs, batch).status == Status.retry) }
            slow.settle(.ok)
            #expect(take(outputs, batch).status == Status.ok)
        }
        #expect(fast.seen == [1] && slow.seen == [9, 1])
        #expect(watcher.outcomes(1) == [Status.ok] && watcher.open == 0)
    }

    /// A client that gives up and sends the same again while the first still waits: each finds that
    /// the other has got somewhere.
    @Test func twoThatAreTheSameDoNotWaitForEachOther() {
        let watcher = AcknowledgementTests.Watcher()
        let (fast, slow, slower) = (ScriptedSink(), narrow(1, [.pending]), narrow(1, [.pending]))
        let outputs = Outputs([fast.node, slow.node, slower.node], time: fast.time)
        let inner = Outputs([Copying(outputs)], time: fast.time)
        for sink in [slow, slower] { sink.offer(request(9)) }
        do {
            let (first, second) = (watcher.batch(1), watcher.batch(1))
            for batch in [first, second] {
                #expect(watcher.watch(batch) == Status.ok)
                #expect(take(inner, batch).status == Status.retry)
            }
            slow.settle(.ok)
            for batch in [second, first] { #expect(take(inner, batch).status == Status.retry) }
            slower.settle(.ok)
            for batch in [first, second] { #expect(take(inner, batch).status == Status.ok) }
        }
        #expect(watcher.outcomes(2) == [Status.ok, Status.ok] && watcher.open == 0)
        for sink in [fast, slow, slower] { #expect(sink.seen.contains(1)) }
    }

    /// A sink that is not required keeps nobody waiting and refuses nobody.
    @Test func whatIsNotRequiredIsDroppedAndCounted() {
        var limits = QueueLimits()
        (limits.size, limits.consumers) = (1, 1)
        let spare = ScriptedSink([.pending], limits: limits, isRequired: false)
        let sink = ScriptedSink()
        let outputs = Outputs([spare.node, sink.node], time: sink.time)
        let watcher = AcknowledgementTests.Watcher()
        for id in 1...3 {
            let batch = watcher.batch(id)
            #expect(watcher.watch(batch) == Status.ok)
            #expect(take(outputs, batch).status == Status.ok)
        }
        #expect(watcher.outcomes(3) == [Status.ok, Status.ok, Status.ok])
        #expect(sink.delivered == [1, 2, 3] && spare.seen == [1])
        #expect(spare.counters.dropped.all == [.init(signal: .traces, reason: "queue_full"): 5])
        #expect(spare.unaccounted == 0)
        #expect(take(Outputs([spare.node], time: sink.time), request(4)).status == Status.ok)
    }
}
