import CWeir
import Foundation
import Synchronization
import Testing
import WeirConfig
import WeirTelemetry

@testable import WeirRuntime

/// What becomes of what a full queue has no room for.
@Suite struct OverflowTests {
    private func sink(
        _ overflow: OverflowPolicy, size: Int = 4, pending: Int = 100, isRequired: Bool = true
    ) -> ScriptedSink {
        var limits = QueueLimits()
        (limits.size, limits.sizer, limits.consumers) = (size, .items, 1)
        limits.overflow = overflow
        return ScriptedSink(
            Array(repeating: .pending, count: pending), limits: limits, isRequired: isRequired)
    }

    struct Row: Sendable, CustomStringConvertible {
        var description: String { "\(overflow)" }
        let overflow: OverflowPolicy
        let statuses: [weir_status]
        let delivered: [Int]
        let dropped: Int
        let refused: Int
    }

    /// Five batches, of 1, 1, 2, 1 and 2 items, for a queue that holds four items.
    static let rows = [
        Row(
            overflow: .reject,
            statuses: [Status.ok, Status.ok, Status.ok, Status.retry, Status.retry],
            delivered: [1, 1, 2], dropped: 0, refused: 3),
        Row(
            overflow: .block,
            statuses: [Status.ok, Status.ok, Status.ok, Status.retry, Status.retry],
            delivered: [1, 1, 2], dropped: 0, refused: 3),
        // The first is under way and stays; the second makes room for the fourth, the third for
        // the fifth.
        Row(
            overflow: .dropOldest, statuses: Array(repeating: Status.ok, count: 5),
            delivered: [1, 1, 2], dropped: 3, refused: 0),
        Row(
            overflow: .dropNewest, statuses: Array(repeating: Status.ok, count: 5),
            delivered: [1, 1, 2], dropped: 3, refused: 0),
    ]

    @Test(arguments: rows)
    func doesWhatIsSet(row: Row) {
        let sink = sink(row.overflow)
        let refusals = [1, 1, 2, 1, 2].map { sink.offer($0) }
        #expect(refusals.map(\.status) == row.statuses)
        for refusal in refusals where refusal.status == Status.retry {
            #expect(refusal.retry_after_ns >= 1_000_000_000)
        }
        #expect(sink.unaccounted == 0)
        while sink.pending > 0 { sink.settle(.ok) }
        #expect(sink.seen == row.delivered)
        #expect(sink.counters.dropped.total(.traces) == row.dropped)
        #expect(sink.counters.refused.total(.traces) == row.refused)
        #expect(Set(sink.counters.dropped.all.keys.map(\.reason)).isSubset(of: ["queue_full"]))
        #expect(sink.node.isEmpty && sink.unaccounted == 0)
    }

    /// Nothing is thrown away for what would not fit even so.
    @Test func whatCannotBeMadeRoomForIsRefused() {
        let sink = sink(.dropOldest)
        #expect(sink.offer(3).status == Status.ok)
        #expect(sink.offer(1).status == Status.ok)
        #expect(sink.offer(2).status == Status.retry)
        #expect(sink.counters.dropped.total(.traces) == 0 && sink.node.load.items == 4)
        #expect(self.sink(.dropOldest, isRequired: false).offer(9).status == Status.ok)
    }

    /// Whoever waits for what is thrown away is told to come again.
    @Test(arguments: [OverflowPolicy.dropOldest, .dropNewest])
    func whatIsThrownAwayIsNotAcknowledged(overflow: OverflowPolicy) {
        let (watcher, sink) = (AcknowledgementTests.Watcher(), sink(overflow, size: 2))
        for items in 1...3 {
            let batch = watcher.batch(1)
            #expect(watcher.watch(batch) == Status.ok)
            #expect(sink.offer(batch).status == Status.ok, "\(items)")
        }
        #expect(watcher.outcomes(1) == [Status.retry])
        #expect(watcher.text.contains("queue_full"))
        #expect(!watcher.text.contains("retry later"), "nobody does")
        while sink.pending > 0 { sink.settle(.ok) }
        #expect(sink.node.isEmpty && sink.unaccounted == 0)
        #expect(watcher.outcomes(3) == [Status.retry, Status.ok, Status.ok])
    }

    /// An exporter has a thread of its own, on which it waits: until there is room, or too long.
    @Test(arguments: [true, false])
    func anExporterWaitsForRoom(getsRoom: Bool) throws {
        let sink = sink(.block, size: 1)
        let exporter = ScriptedComponent(
            kind: .exporter, time: sink.time, services: sink.services)
        try exporter.instance.create(settings: [])
        let outputs = Outputs([sink.node], time: sink.time)
        #expect(outputs.patience == 5_000_000_000)
        exporter.instance.wiring.begin(
            Wiring(outputs: [outputs, Outputs(), Outputs()], signals: [.traces]))
        sink.offer(1)
        let status = Mutex<weir_status?>(nil)
        let thread = Thread {
            let batch = HostBatch(signal: .traces, items: 1, parts: [], owners: [])
            var error = weir_error.make()
            let outcome = exporter.instance.emitAndWait(batch, error: &error)
            status.withLock { $0 = outcome }
        }
        thread.start()
        while exporter.instance.room.isEmpty { usleep(500) }
        #expect(status.withLock { $0 } == nil)
        if getsRoom { sink.settle(.ok) }
        sink.time.advance(seconds: getsRoom ? 0.1 : 6)
        while status.withLock({ $0 }) == nil { usleep(500) }
        #expect(status.withLock { $0 } == (getsRoom ? Status.ok : Status.retry))
        #expect(exporter.instance.counters.accepted[.traces] == (getsRoom ? 1 : 0))
    }
}
