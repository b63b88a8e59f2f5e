import CWeir
import Logging
import NIOCore
import Testing
import WeirConfig
import WeirTelemetry

@testable import WeirRuntime

/// What a pipeline may hold of the memory, and what others have of that.
@Suite struct PipelineShareTests {
    private let whole = MemoryBudget(limit: 1 << 20)
    private let time = VirtualTime()
    private let shares: PipelineShares

    init() {
        shares = PipelineShares(
            of: whole, time: time, bell: RoomBell(time: time),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    /// A batch over a buffer of exactly so many bytes.
    private func batch(_ bytes: Int, items: Int = 1) -> HostBatch {
        let memory = HostBuffer(length: bytes, budget: whole)
        return HostBatch(signal: .traces, items: items, parts: [memory.bytes], owners: [memory])
    }

    private func entrance(
        _ pipeline: String, _ memory: PipelineMemory?, to sinks: [ScriptedSink]
    ) -> PipelineEntrance {
        let share = shares.share(of: pipeline)
        share.limit(to: memory)
        return PipelineEntrance(share, to: sinks.map(\.node), time: VirtualTime())
    }

    private func take(_ consumer: any Consumer, _ batch: HostBatch) -> weir_error {
        var error = weir_error.make()
        error.status = consumer.take(batch, error: &error)
        return error
    }

    /// The one whose sink is stalled fills its share and no more; the other one keeps delivering.
    @Test func oneThatIsStalledLeavesTheOthersAlone() {
        let (stalled, live) = (
            ScriptedSink(Array(repeating: .pending, count: 100)), ScriptedSink()
        )
        let slow = entrance("traces/slow", .init(limit: 4096), to: [stalled])
        let fast = entrance("traces/fast", nil, to: [live])
        var refused = 0
        for number in 1...100 {
            let told = take(slow, batch(1024))
            if told.status == Status.retry {
                refused += 1
                #expect(told.retry_after_ns > 0 && told.text.contains("traces/slow"))
            }
            #expect(take(fast, batch(1024, items: number)).status == Status.ok)
        }
        #expect(refused == 96 && stalled.pending == 4)
        #expect(slow.share.used == 4096 && whole.used == 4096)
        #expect(slow.share.refused[.traces] == 96)
        #expect(live.delivered == Array(1...100) && live.node.isEmpty)
        stalled.settle(.ok)
        #expect(slow.share.used == 3072)
        #expect(take(slow, batch(1024)).status == Status.ok)
        while stalled.pending > 0 { stalled.settle(.ok) }
        #expect(slow.share.used == 0 && fast.share.used == 0 && whole.used == 0)
        #expect(stalled.unaccounted == 0 && live.unaccounted == 0)
    }

    /// Who is refused is told to come when a quarter of what is held has gone, at the pace so far.
    @Test func theHintFollowsThePace() {
        let sink = ScriptedSink(Array(repeating: .pending, count: 10))
        let slow = entrance("traces", .init(limit: 4096), to: [sink])
        for _ in 1...4 { #expect(take(slow, batch(1024)).status == Status.ok) }
        #expect(take(slow, batch(1024)).retry_after_ns == 5_000_000_000)
        for _ in 1...2 {
            time.advance(seconds: 8)
            sink.settle(.ok)
            #expect(take(slow, batch(1024)).status == Status.ok)
        }
        // 128 bytes a second, and 4096 are held.
        #expect(take(slow, batch(1024)).retry_after_ns == 8_000_000_000)
        while sink.pending > 0 { sink.settle(.ok) }
    }

    /// Of a batch that goes both ways, each pipeline counts what it holds itself; who was told to
    /// come again comes again to the one that had no room.
    @Test func theSameBatchCountsInEachOfThem() {
        let (stalled, live) = (ScriptedSink([.pending, .pending, .pending]), ScriptedSink())
        let slow = entrance("traces/slow", .init(limit: 2048), to: [stalled])
        let fast = entrance("traces/fast", .init(limit: 2048), to: [live])
        let outputs = Outputs([slow, fast], time: VirtualTime())
        var error = weir_error.make()
        for items in 1...2 {
            #expect(outputs.take(batch(1024, items: items), error: &error) == Status.ok)
        }
        let third = batch(1024, items: 3)
        #expect(outputs.take(third, error: &error) == Status.retry)
        #expect(outputs.take(third, error: &error) == Status.retry)
        #expect(live.delivered == [1, 2, 3] && fast.share.used == 0 && slow.share.used == 2048)
        stalled.settle(.ok)
        #expect(outputs.take(third, error: &error) == Status.ok)
        #expect(live.delivered == [1, 2, 3] && stalled.seen == [1, 2, 3])
        while stalled.pending > 0 { stalled.settle(.ok) }
        #expect(slow.share.used == 0)
    }

    /// A batch that is larger than the share would come again for ever.
    @Test func oneThatHoldsNothingTakesAnyBatch() {
        let sink = ScriptedSink([.pending, .pending])
        let entrance = entrance("logs", .init(limit: 1), to: [sink])
        #expect(entrance.share.hasRoom(for: 5000))
        #expect(take(entrance, batch(5000)).status == Status.ok)
        #expect(!entrance.share.hasRoom(for: 1))
        var error = weir_error.make()
        #expect(entrance.wouldTake(batch(1), error: &error) == Status.retry)
        sink.settle(.ok)
        #expect(take(entrance, batch(5000)).status == Status.ok)
        sink.settle(.ok)
    }

    /// Nobody waits for sinks with `required: false`: what there is no room for is dropped, counted.
    @Test func whatNobodyWaitsForIsDropped() {
        let sink = ScriptedSink([.pending], isRequired: false)
        let entrance = entrance("logs", .init(limit: 1024), to: [sink])
        #expect(!entrance.isRequired)
        for items in 1...3 {
            #expect(take(entrance, batch(1024, items: items)).status == Status.ok)
        }
        #expect(
            sink.counters.dropped.all == [.init(signal: .traces, reason: "pipeline_memory"): 5])
        #expect(sink.unaccounted == 0 && entrance.share.refused[.traces] == 0)
        sink.settle(.ok)
    }

    @Test(
        arguments: [
            (nil, nil), (.init(limit: 4096), 4096), (.init(percentage: 25), (1 << 20) / 100 * 25),
            (.init(limit: 4096, percentage: 25), 4096),
            (.init(limit: 1 << 19, percentage: 1), 10485),
        ] as [(PipelineMemory?, Int?)])
    func theLowerLimitCounts(_ memory: PipelineMemory?, _ limit: Int?) {
        shares.apply(memory.map { ["traces": $0] } ?? [:])
        #expect(shares.haveLimits == (memory != nil))
        #expect(shares.limited.map(\.limit) == (limit.map { [$0] } ?? []))
        shares.apply([:])
        #expect(shares.limited.isEmpty && !shares.haveLimits)
    }

    /// A percentage is one of what the process may hold now.
    @Test func aPercentageFollowsTheWhole() {
        shares.apply(["traces": .init(percentage: 50)])
        whole.limit = 1000
        #expect(shares.share(of: "traces").limit == 500)
    }

    /// What a processor makes counts in its pipeline and in the process, and not twice.
    @Test func whatProcessorsMakeCounts() {
        let share = shares.share(of: "traces")
        var made: HostBuffer? = HostBuffer(length: 2048, budget: share.budget)
        #expect(share.used == 2048 && whole.used == 2048)
        #expect(!share.budget.hasRoom(for: 1 << 20) && share.budget.hasRoom(for: 2048))
        let charge = share.charge(1000)
        #expect(share.used == 3048 && whole.used == 2048)
        withExtendedLifetime((charge, made)) {}
        made = nil
        #expect(made == nil && whole.used == 0)
    }

    /// A charge lasts as long as any batch that was made of the one that came in.
    @Test func whatIsMadeOfABatchKeepsItsCharge() {
        let share = shares.share(of: "traces")
        var outer: HostBatch? = batch(1024)
        var inner: HostBatch? = outer.flatMap { outer in
            share.charge(outer.heldBytes).map(outer.charged)
        }
        var derived: HostBatch? = inner.map {
            HostBatch(signal: $0.signal, items: 1, parts: $0.parts, owners: [$0])
        }
        (outer, inner) = (nil, nil)
        #expect(outer == nil && inner == nil && share.used == 1024 && whole.used == 1024)
        let detached = derived?.detached()
        derived = nil
        #expect(derived == nil && detached != nil && share.used == 1024)
    }
}
