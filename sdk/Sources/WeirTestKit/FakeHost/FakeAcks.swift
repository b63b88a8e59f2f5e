import CWeir
import Synchronization
public import WeirSDK

/// The acknowledgements that components wait for.
struct FakeAcks: Sendable {
    var waiting: [@Sendable (ComponentError?) -> Void] = []
}

extension FakeHost {
    /// Batches whose acknowledgement a component waits for.
    public var watchedCount: Int { acks.withLock { $0.waiting.count } }

    /// Ends the wait for the one that was watched first: `nil` is delivered.
    public func acknowledge(_ outcome: ComponentError?) {
        let settled = acks.withLock { $0.waiting.isEmpty ? nil : $0.waiting.removeFirst() }
        guard let settled else { preconditionFailure("no batch is watched") }
        settled(outcome)
    }
}

func ackTable() -> weir_ack {
    unsafe weir_ack(
        size: UInt32(MemoryLayout<weir_ack>.size), reserved: 0,
        watch: { host, _, settled, context, _ in
            let host = unsafe FakeHost.of(host)
            host.checkAllowed("ack.watch")
            let address = UInt(bitPattern: context)
            let settled = unsafe settled!
            host.acks.withLock { acks in
                acks.waiting.append { outcome in
                    var error = weir_error()
                    unsafe weir_error_init(&error)
                    if let outcome { _ = unsafe outcome.write(to: &error) }
                    unsafe settled(UnsafeMutableRawPointer(bitPattern: address), &error)
                }
            }
            return Status.ok
        })
}
