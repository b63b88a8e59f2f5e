import CWeir
import CWeirSystem

/// Who has turned down what waits in a line. What comes behind it is kept from them, so that each gets
/// all in its order, and is offered to the others, who do not wait for them.
///
/// Used by one thread, for one attempt. Consumers are known by their address: should one be taken for
/// another that is gone, it gets the batch with the next attempt.
final class Refusals {
    struct Record: Sendable {
        var consumers: Set<ObjectIdentifier> = []
        /// What the last of them said.
        var last = weir_error.make()

        mutating func formUnion(_ others: Record) {
            guard !others.consumers.isEmpty else { return }
            consumers.formUnion(others.consumers)
            last = others.last
        }

        mutating func insert(_ consumer: any Consumer, _ refusal: weir_error) {
            consumers.insert(ObjectIdentifier(consumer))
            last = refusal
            // Some say no more than that.
            last.status = Status.retry
        }
    }

    /// What came of an attempt.
    struct Outcome: Sendable {
        /// Those from whom it was kept, if they are among those who follow, and those who turned it down.
        let all: Record
        /// Those of them whom it was to go to.
        let own: Record
    }

    private var all: Record
    private var own = Record()

    /// - Parameter before: those who have turned down what came before.
    init(_ before: Record) { all = before }

    var isEmpty: Bool { all.consumers.isEmpty }
    var record: Record { all }
    var outcome: Outcome { Outcome(all: all, own: own) }

    /// What the consumer is taken to say, because something that came before waits for it.
    func refusal(of consumer: any Consumer) -> weir_error? {
        guard all.consumers.contains(ObjectIdentifier(consumer)) else { return nil }
        own.insert(consumer, all.last)
        return all.last
    }

    func add(_ consumer: any Consumer, _ refusal: weir_error) {
        all.insert(consumer, refusal)
        own.insert(consumer, refusal)
    }

    /// The attempt went on from a component where others wait, too.
    func add(_ further: Outcome) {
        all.formUnion(further.own)
        own.formUnion(further.own)
    }

    /// Those that the call on this thread is to heed and to add to.
    static var current: Refusals? {
        guard let heeded = unsafe weir_call_heeded() else { return nil }
        return unsafe Unmanaged.fromOpaque(heeded).takeUnretainedValue()
    }

    /// Makes a call that heeds them, and no others.
    static func heeding<Value>(_ refusals: Refusals?, _ body: () -> Value) -> Value {
        let address = unsafe refusals.map { unsafe Unmanaged.passUnretained($0).toOpaque() }
        let before = unsafe weir_call_heed(address)
        defer { _ = unsafe weir_call_heed(before) }
        return withExtendedLifetime(refusals, body)
    }
}
