import CWeir
import WeirTelemetry

/// A processor's or connector's place as a consumer.
final class ProcessorNode: Consumer {
    let instance: ComponentInstance
    let isRequired: Bool

    /// - Parameter isRequired: whether anything behind it is.
    init(_ instance: ComponentInstance, isRequired: Bool = true) {
        self.instance = instance
        self.isRequired = isRequired
    }

    /// A connector puts out other signals than it takes in: the most patient of all counts.
    var patience: UInt64 { instance.outputs.lazy.map(\.patience).max() ?? 0 }

    func take(_ batch: HostBatch, error: UnsafeMutablePointer<weir_error>) -> weir_status {
        let counters = instance.counters
        // Counted before the call: the component may emit the items before it returns, and what it
        // holds must never seem negative.
        counters.accepted.add(batch.items, batch.signal)
        let status =
            unsafe instance.call { plugin in
                unsafe instance.table.pointee.consume(plugin, batch.pointer, error)
            } ?? Status.cancelled
        if status != Status.ok, !isRequired {
            let reason = Outputs.isFinal(status) ? "refused" : "queue_full"
            counters.dropped.add(batch.items, batch.signal, reason: reason)
            return Status.ok
        }
        if status != Status.ok {
            counters.accepted.add(-batch.items, batch.signal)
            counters.refused.add(batch.items, batch.signal, reason: statusName(status))
        }
        return status
    }

    func wouldTake(_ batch: HostBatch, error: UnsafeMutablePointer<weir_error>) -> weir_status {
        let outputs = instance.outputs[Int(batch.signal.rawValue) - 1]
        return unsafe outputs.wouldTake(batch, error: error)
    }
}
