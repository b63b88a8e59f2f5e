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
    }

    private(set) var record: Record

    init(_ record: Record) { self.record = record }

    func refusal(of consumer: any Consumer) -> weir_error? {
        record.consumers.contains(ObjectIdentifier(consumer)) ? record.last : nil
    }

    func add(_ consumer: any Consumer, _ refusal: weir_error) {
        record.consumers.insert(ObjectIdentifier(consumer))
        record.last = refusal
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
