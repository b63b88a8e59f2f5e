import CWeir
import Synchronization
public import WeirSDK

/// A name that the component under test asked for.
public struct LookedUp: Sendable, Hashable {
    public var name: String
    public var type: DNS.RecordType

    public init(_ name: String, _ type: DNS.RecordType) {
        self.name = name
        self.type = type
    }
}

/// Stands for the name servers: a table of answers. What is not in it is answered with `notFound`.
public final class FakeDNS: Sendable {
    private struct Waiting: Sendable {
        var question: LookedUp
        /// Ends the wait at the deadline.
        var timer: UInt64?
        let clock: VirtualClock
        let answered: @Sendable (DNS.Answer) -> Void

        func answer(_ answer: DNS.Answer) {
            if let timer { clock.cancel(timer) }
            answered(answer)
        }
    }

    private struct State: Sendable {
        var answers: [LookedUp: DNS.Answer] = [:]
        var held: Set<LookedUp> = []
        var asked: [LookedUp] = []
        var waiting: [Int: Waiting] = [:]
        var next = 0
    }

    private let state = Mutex(State())

    /// Every question, in order.
    public var asked: [LookedUp] { state.withLock { $0.asked } }

    /// What is answered from now on.
    public subscript(_ name: String, _ type: DNS.RecordType) -> DNS.Answer {
        get { state.withLock { $0.answers[LookedUp(name, type)] ?? .notFound } }
        set { state.withLock { $0.answers[LookedUp(name, type)] = newValue } }
    }

    /// Leaves questions for this unanswered, until ``release(_:_:)`` or their deadline.
    public func hold(_ name: String, _ type: DNS.RecordType) {
        state.withLock { _ = $0.held.insert(LookedUp(name, type)) }
    }

    /// Answers what waits for this, and holds no more.
    public func release(_ name: String, _ type: DNS.RecordType) {
        let question = LookedUp(name, type)
        let answer = self[name, type]
        let ready = state.withLock { state in
            state.held.remove(question)
            let ids = state.waiting.filter { $0.value.question == question }.keys.sorted()
            return ids.compactMap { state.waiting.removeValue(forKey: $0) }
        }
        for waiting in ready { waiting.answer(answer) }
    }

    func lookup(
        _ question: LookedUp, deadline: UInt64, _ clock: VirtualClock,
        _ answered: @escaping @Sendable (DNS.Answer) -> Void
    ) {
        let held: Int? = state.withLock { state in
            state.asked.append(question)
            guard state.held.contains(question) else { return nil }
            state.next += 1
            state.waiting[state.next] = Waiting(
                question: question, clock: clock, answered: answered)
            return state.next
        }
        guard let held else { return answered(self[question.name, question.type]) }
        guard deadline > 0 else { return }
        let now = clock.now
        let timer = clock.start(delay: deadline > now ? deadline - now : 0, period: 0) {
            let late = self.state.withLock { $0.waiting.removeValue(forKey: held) }
            late?.answered(.failed(.timeout("no name server answered in time")))
        }
        state.withLock { $0.waiting[held]?.timer = timer }
    }

    /// What a host does before it destroys an instance.
    func end() {
        let rest = state.withLock { state in
            defer { state.waiting = [:] }
            return state.waiting.sorted { $0.key < $1.key }.map(\.value)
        }
        for waiting in rest { waiting.answer(.failed(.cancelled("the host ends"))) }
    }
}

func dnsTable() -> weir_dns {
    unsafe weir_dns(
        size: UInt32(MemoryLayout<weir_dns>.size), reserved: 0,
        lookup: { host, name, type, deadline, answered, context, error in
            let host = unsafe FakeHost.of(host)
            host.checkAllowed("dns.lookup")
            guard let type = DNS.RecordType(rawValue: type) else {
                return unsafe ComponentError.unsupported("records of type \(type)").write(
                    to: error!)
            }
            let address = UInt(bitPattern: context)
            let answered = unsafe answered!
            let question = unsafe LookedUp(name.string, type)
            host.dns.lookup(question, deadline: deadline, host.clock) { answer in
                unsafe withRawAnswer(answer) {
                    unsafe answered(UnsafeMutableRawPointer(bitPattern: address), $0)
                }
            }
            return Status.ok
        })
}

private func withRawAnswer(_ answer: DNS.Answer, _ body: (UnsafePointer<weir_dns_answer>) -> Void) {
    var raw = unsafe weir_dns_answer()
    unsafe raw.size = UInt32(MemoryLayout<weir_dns_answer>.size)
    switch answer {
    case .notFound: unsafe body(&raw)
    case .failed(let error):
        unsafe raw.status = error.status
        unsafe withSlice(error.message) { message in
            unsafe raw.message = message
            unsafe body(&raw)
        }
    case .found(let records):
        let texts = records.map { FakeText($0.target) }
        let rows = unsafe zip(records, texts).map { record, text in
            unsafe weir_dns_record(
                ttl: record.ttl, priority: record.priority, weight: record.weight,
                port: record.port, reserved: 0, reserved2: 0,
                target: weir_slice(UnsafeBufferPointer(text.bytes)))
        }
        unsafe rows.withUnsafeBufferPointer { rows in
            unsafe raw.records = rows.baseAddress
            unsafe raw.record_count = rows.count
            unsafe body(&raw)
        }
        withExtendedLifetime(texts) {}
    }
}
