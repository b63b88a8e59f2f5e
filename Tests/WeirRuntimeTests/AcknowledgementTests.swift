import CWeir
import Glibc
import NIOCore
import Synchronization
import Testing
import WeirConfig
import WeirTelemetry

@testable import WeirRuntime

/// What a receiver is told of the batches that it watches.
@Suite struct AcknowledgementTests {
    /// A receiver that waits, and what it was told: `nil` is delivered.
    final class Watcher: Sendable {
        let receiver: ScriptedComponent
        private let told = Mutex<[weir_status]>([])
        private let texts = Mutex<[String]>([])

        init(_ mode: AcknowledgementMode = .delivered) {
            receiver = ScriptedComponent(kind: .receiver, acknowledges: mode)
            try! receiver.instance.create(settings: [])
        }

        func batch(_ items: Int) -> HostBatch {
            let buffer = ByteBuffer(repeating: 0, count: 10)
            let owner = HostBuffer(buffer, budget: receiver.services.budget)
            return HostBatch(signal: .traces, items: items, parts: [buffer], owners: [owner])
        }

        func watch(_ batch: HostBatch) -> weir_status {
            let failure = receiver.instance.watch(batch) { failure in
                self.texts.withLock { $0.append(failure?.text ?? "") }
                self.told.withLock { $0.append(failure?.status ?? Status.ok) }
            }
            return failure?.status ?? Status.ok
        }

        var open: Int { receiver.instance.watches?.count ?? 0 }
        var text: String { texts.withLock { $0.joined(separator: "\n") } }

        /// Waits for the event loop that tells, but not for ever.
        func outcomes(_ count: Int) -> [weir_status] {
            for _ in 0..<10_000 where told.withLock({ $0.count }) < count { usleep(1000) }
            return told.withLock { $0 }
        }
    }

    @Test func settlesWhenTheSinkHasSentIt() {
        let (watcher, sink) = (Watcher(), ScriptedSink([.pending]))
        var batch: HostBatch? = watcher.batch(3)
        #expect(watcher.watch(batch!) == Status.ok)
        sink.offer(batch!)
        batch = nil
        #expect(watcher.open == 1)
        sink.settle(.ok)
        #expect(watcher.outcomes(1) == [Status.ok] && watcher.open == 0)
    }

    /// A batch of two, of which one is sent twice: each watch ends with the last of its items.
    @Test func followsTheItemsThroughWhatIsMadeOfThem() {
        let (watcher, sink) = (Watcher(), ScriptedSink([.pending, .pending]))
        var (one, two): (HostBatch?, HostBatch?) = (watcher.batch(1), watcher.batch(2))
        #expect(watcher.watch(one!) == Status.ok && watcher.watch(two!) == Status.ok)
        sink.offer(one!)
        sink.offer(
            HostBatch(
                signal: .traces, items: 3, parts: one!.parts + two!.parts, owners: [one!, two!]))
        (one, two) = (nil, nil)
        sink.settle(.ok)
        #expect(watcher.open == 2)
        sink.settle(.ok)
        #expect(watcher.outcomes(2) == [Status.ok, Status.ok])
    }

    /// Where no byte of a batch is left in the one that was made of it, its memory is given back,
    /// and who waits for it waits on.
    @Test func followsABatchThatWasRewritten() throws {
        let (watcher, sink) = (Watcher(), ScriptedSink([.pending]))
        let budget = watcher.receiver.services.budget
        var (old, made): (HostBatch?, HostBatch?) = (watcher.batch(1), nil)
        #expect(watcher.watch(old!) == Status.ok)
        var new: HostBuffer? = HostBuffer(ByteBuffer(string: "rewritten"), budget: budget)
        var part = weir_slice(data: new!.pointer.pointee.data, length: 9)
        var (source, buffer) = (Optional(old!.pointer), Optional(UnsafePointer(new!.pointer)))
        var spec = weir_batch_spec(
            size: UInt32(MemoryLayout<weir_batch_spec>.size), signal: 1, items: 1, parts: nil,
            part_count: 1, source_count: 1, sources: nil, buffers: nil, buffer_count: 1,
            reserved: 0)
        var error = weir_error.make()
        withUnsafePointer(to: &part) { part in
            withUnsafePointer(to: &source) { source in
                withUnsafePointer(to: &buffer) { buffer in
                    (spec.parts, spec.sources, spec.buffers) = (part, source, buffer)
                    made = HostBatch.make(&spec, error: &error)
                }
            }
        }
        sink.offer(try #require(made))
        let capacity = new!.bytes.storageCapacity
        (old, made, new) = (nil, nil, nil)
        #expect(budget.used == capacity && watcher.open == 1)
        sink.settle(.ok)
        #expect(watcher.outcomes(1) == [Status.ok])
    }

    static let failures: [(ScriptedSink.Answer, weir_status, String)] = [
        (.refused, Status.refused, "dropped it (refused): scripted"),
        (.init(status: Status.cancelled), Status.cancelled, "dropped it (shutdown)"),
    ]

    @Test(arguments: failures)
    func tellsWhatTheSinkDropped(answer: ScriptedSink.Answer, status: weir_status, text: String) {
        let (watcher, sink) = (Watcher(), ScriptedSink([answer]))
        let batch = watcher.batch(3)
        _ = watcher.watch(batch)
        sink.offer(HostBatch(signal: .traces, items: 3, parts: batch.parts, owners: [batch]))
        _ = consume batch
        #expect(watcher.outcomes(1) == [status] && watcher.text.contains(text))
    }

    @Test func tellsToComeAgainWhatWasGivenUp() {
        let (watcher, sink) = (Watcher(), ScriptedSink(Array(repeating: .retry, count: 100)))
        var batch: HostBatch? = watcher.batch(3)
        _ = watcher.watch(batch!)
        sink.offer(batch!)
        batch = nil
        sink.time.advance(seconds: 400)
        #expect(watcher.outcomes(1) == [Status.retry] && watcher.text.contains("retry_exhausted"))
    }

    /// One sink has delivered, the other will never: the worst counts.
    @Test func theWorstOutcomeCounts() {
        let watcher = Watcher()
        let (good, bad) = (ScriptedSink([.pending]), ScriptedSink([.refused]))
        var batch: HostBatch? = watcher.batch(3)
        _ = watcher.watch(batch!)
        good.offer(batch!)
        bad.offer(batch!)
        batch = nil
        #expect(watcher.open == 1)
        good.settle(.ok)
        #expect(watcher.outcomes(1) == [Status.refused])
    }

    @Test func whatIsLeftAtTheEndIsUnknown() throws {
        let (watcher, sink) = (Watcher(), ScriptedSink([.pending]))
        var batch: HostBatch? = watcher.batch(3)
        _ = watcher.watch(batch!)
        sink.offer(batch!)
        batch = nil
        try watcher.receiver.instance.destroy()
        #expect(watcher.outcomes(1) == [Status.cancelled])
        sink.settle(.ok)
        usleep(20_000)
        #expect(watcher.outcomes(1) == [Status.cancelled], "told once, and not after the end")
        #expect(watcher.watch(watcher.batch(1)) == Status.cancelled)
    }

    @Test func aBatchIsWatchedOnce() {
        let watcher = Watcher()
        let batch = watcher.batch(1)
        #expect(watcher.watch(batch) == Status.ok)
        #expect(watcher.watch(batch) == Status.invalid)
        #expect(watcher.open == 1)
    }

    @Test func nobodyWaitsWhereNothingIsPromised() {
        let watcher = Watcher(.enqueued)
        #expect(watcher.watch(watcher.batch(1)) == Status.unsupported)
        #expect(find(watcher) == nil)
        #expect(find(Watcher(.durable)) != nil)
    }

    private func find(_ watcher: Watcher) -> UnsafeRawPointer? {
        watcher.receiver.host!.pointee.extension(watcher.receiver.host, WEIR_EXT_ACK)
    }

    /// What a sink keeps that has a batch on disk: its bytes, and those who wait for more than that.
    @Test func lettingGoOfABatchKeepsItsMemory() {
        let (disk, wire) = (Watcher(.durable), Watcher(.delivered))
        var (one, two): (HostBatch?, HostBatch?) = (disk.batch(1), wire.batch(2))
        _ = (disk.watch(one!), wire.watch(two!))
        var joined: HostBatch? = HostBatch(
            signal: .traces, items: 3, parts: one!.parts + two!.parts, owners: [one!, two!])
        (one, two) = (nil, nil)
        var kept: HostBatch? = joined!.detached { $0.mode == .delivered }
        joined = nil
        #expect(disk.outcomes(1) == [Status.ok] && wire.open == 1)
        #expect(disk.receiver.services.budget.used > 0)
        #expect(kept!.detached { $0.mode == .delivered } === kept!)
        kept!.fail(.init(Status.refused, "bad"))
        kept = nil
        #expect(wire.outcomes(1) == [Status.refused])
        #expect(disk.receiver.services.budget.used == 0)
    }
}
