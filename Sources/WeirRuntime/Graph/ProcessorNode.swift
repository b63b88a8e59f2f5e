import CWeir
import CWeirSystem
import Synchronization
import WeirTelemetry

/// A processor's or connector's place as a consumer.
final class ProcessorNode: Consumer {
    let instance: ComponentInstance
    private let requirement: Atomic<Bool>

    /// - Parameter isRequired: whether anything behind it is.
    init(_ instance: ComponentInstance, isRequired: Bool = true) {
        self.instance = instance
        requirement = Atomic(isRequired)
    }

    /// A reload may change what is behind it.
    var isRequired: Bool {
        get { requirement.load(ordering: .relaxed) }
        set { requirement.store(newValue, ordering: .relaxed) }
    }

    /// A connector puts out other signals than it takes in: the most patient of all counts.
    var patience: UInt64 { instance.wiring.withCurrent { $0.outputs.map(\.patience).max() } ?? 0 }

    func take(_ batch: HostBatch, error: UnsafeMutablePointer<weir_error>) -> weir_status {
        let counters = instance.counters
        var status =
            unsafe instance.call { plugin in
                unsafe instance.table.pointee.consume(plugin, batch.pointer, error)
            } ?? Status.cancelled
        if status == Status.pending {
            // A sender would wait for an outcome that never comes.
            status = Status.refused
            unsafe error.pointee.set(
                status,
                "plugin \(instance.plugin) misbehaves: consume() returned pending; expected ok, "
                    + "retry, refused or cancelled")
        }
        if status == Status.ok {
            counters.accepted.add(batch.items, batch.signal)
        } else if !isRequired {
            drop(batch, reason: Outputs.isFinal(status) ? "refused" : "queue_full")
            return Status.ok
        } else if !weir_call_is_repeat() {
            counters.refused.add(batch.items, batch.signal, reason: statusName(status))
        }
        return status
    }

    func drop(_ batch: HostBatch, reason: String) {
        instance.counters.accepted.add(batch.items, batch.signal)
        instance.counters.dropped.add(batch.items, batch.signal, reason: reason)
    }

    func wouldTake(_ batch: HostBatch, error: UnsafeMutablePointer<weir_error>) -> weir_status {
        instance.wiring.withCurrent {
            unsafe $0.outputs[Int(batch.signal.rawValue) - 1].wouldTake(batch, error: error)
        }
    }
}
