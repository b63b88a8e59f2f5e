import CWeir
import Logging
import NIOCore
import NIOPosix
import Synchronization
import WeirConfig

import WeirTelemetry

@testable import WeirRuntime

/// A sink behind the real C table whose answers a test writes down beforehand.
final class ScriptedSink: @unchecked Sendable {  // state under its mutex
    struct Answer: Sendable {
        var status: weir_status
        var retryAfter: UInt64 = 0
        var rejected: UInt64 = 0
        /// Settled within deliver(), which then returns `status`.
        var settledInCall = false

        static let ok = Answer(status: Status.ok)
        static let retry = Answer(status: Status.retry)
        static let refused = Answer(status: Status.refused)
        static let pending = Answer(status: Status.pending)
        static let settledInCall = Answer(status: Status.pending, settledInCall: true)
    }

    private struct State {
        var answers: [Answer] = []
        var delivered: [Int] = []
        var seen: [Int] = []
        var attempts: [UInt32] = []
        /// Addresses, because a mutex guards only what can be sent.
        var pending: [UInt] = []
        var depth = 0
        var deepest = 0
        var observe: (@Sendable () -> Int)?
        var noted: Int?
        var judge: (@Sendable ([UInt8]) -> Answer)?
    }

    let time = VirtualTime()
    let services: HostServices
    private(set) var node: SinkNode!
    private let state = Mutex(State())
    private let table: UnsafeMutablePointer<weir_component>

    init(
        _ answers: [Answer] = [], limits: QueueLimits = QueueLimits(), concurrent: Bool = true,
        blocking: NIOThreadPool? = nil, isRequired: Bool = true,
        deadLetters: DeadLetterFile? = nil, storage: StorageLimits? = nil,
        counters: ComponentCounters = ComponentCounters()
    ) {
        let group = MultiThreadedEventLoopGroup.singleton
        services = HostServices(
            time: time, group: group, blocking: blocking ?? .singleton,
            budget: MemoryBudget(limit: 1 << 30),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        table = .allocate(capacity: 1)
        var component = weir_component()
        component.size = UInt32(MemoryLayout<weir_component>.size)
        let mayBlock = blocking == nil ? 0 : UInt32(WEIR_MAY_BLOCK)
        component.capabilities = mayBlock | (concurrent ? UInt32(WEIR_CAN_RUN_CONCURRENTLY) : 0)
        component.create = { component, _, _, out, _ in
            out!.pointee = OpaquePointer(component!.pointee.context)
            return Status.ok
        }
        component.start = { _, _, _ in Status.ok }
        component.stop = { _, _, _ in Status.ok }
        component.destroy = { _ in }
        component.deliver = { instance, batch, delivery, error in
            Unmanaged<ScriptedSink>.fromOpaque(UnsafeRawPointer(instance!)).takeUnretainedValue()
                .deliver(batch!.pointee, delivery!, &error!.pointee)
        }
        component.context = Unmanaged.passUnretained(self).toOpaque()
        table.initialize(to: component)
        state.withLock { $0.answers = answers }
        let instance = ComponentInstance(
            key: "sink test", kind: .sink, id: "test", pipeline: nil, plugin: "test",
            table: table, services: services, counters: counters)
        // Waits of 5, 7.5, 11.25 s, ...: RetryPolicyTests looks at their spread.
        var retry = RetryPolicy()
        retry.randomizationFactor = 0
        node = SinkNode(
            SinkTarget(
                instance, limits: limits, retry: retry, timeout: 5_000_000_000,
                isRequired: isRequired, deadLetters: deadLetters, storage: storage))
        try! instance.create(settings: [])
    }

    private func deliver(
        _ batch: weir_batch, _ delivery: UnsafePointer<weir_delivery>, _ error: inout weir_error
    ) -> weir_status {
        let address = UInt(bitPattern: delivery)
        let attempt = delivery.pointee.attempt
        let items = Int(batch.items)
        let parts = UnsafeBufferPointer(start: batch.parts, count: Int(batch.part_count))
        let judge = state.withLock { $0.judge }
        let judged = judge.map { $0(parts.flatMap(\.bytes)) }
        let answer = state.withLock { state in
            state.attempts.append(attempt)
            state.seen.append(items)
            state.noted = state.observe?()
            state.depth += 1
            state.deepest = max(state.deepest, state.depth)
            let answer =
                judged ?? (state.answers.isEmpty ? .ok : state.answers.removeFirst())
            switch answer.status {
            case Status.ok: state.delivered.append(items)
            case Status.pending: if !answer.settledInCall { state.pending.append(address) }
            default: break
            }
            return answer
        }
        if answer.settledInCall {
            DeliveryTicket.settle(delivery, outcome: weir_error.make())
        }
        state.withLock { $0.depth -= 1 }
        error.set(answer.status, "scripted", retryAfter: answer.retryAfter)
        error.rejected_items = answer.rejected
        return answer.status
    }

    /// Settles the oldest delivery that is pending.
    func settle(_ answer: Answer) {
        let delivery = state.withLock { $0.pending.removeFirst() }
        var error = weir_error.make()
        error.set(answer.status, "settled", retryAfter: answer.retryAfter)
        error.rejected_items = answer.rejected
        DeliveryTicket.settle(UnsafePointer(bitPattern: delivery)!, outcome: error)
    }

    var delivered: [Int] { state.withLock { $0.delivered } }
    /// The items of each batch that was handed to it, at every attempt.
    var seen: [Int] { state.withLock { $0.seen } }
    var pending: Int { state.withLock { $0.pending.count } }
    var attempts: [UInt32] { state.withLock { $0.attempts } }
    /// Notes a number at each delivery.
    func noteWhenDelivering(_ observe: @escaping @Sendable () -> Int) {
        state.withLock { $0.observe = observe }
    }
    var noted: Int? { state.withLock { $0.noted } }
    /// Answers by what the batch holds instead.
    func judge(_ judge: @escaping @Sendable ([UInt8]) -> Answer) {
        state.withLock { $0.judge = judge }
    }
    /// How many calls of deliver() were under way at once.
    var deepest: Int { state.withLock { $0.deepest } }

    /// Offers a batch of so many spans.
    @discardableResult
    func offer(_ items: Int, bytes: Int = 10) -> weir_error {
        let buffer = ByteBuffer(repeating: 0, count: bytes)
        return offer(HostBatch(signal: .traces, items: items, parts: [buffer], owners: []))
    }

    @discardableResult
    func offer(_ batch: HostBatch) -> weir_error {
        var error = weir_error.make()
        error.status = node.take(batch, error: &error)
        return error
    }

    var counters: ComponentCounters { node.instance.counters }

    /// accepted − (sent + dropped + queued): 0 at every moment.
    var unaccounted: Int {
        counters.accepted[.traces] - counters.sent[.traces] - counters.dropped.total(.traces)
            - node.load(.traces).items
    }
}
