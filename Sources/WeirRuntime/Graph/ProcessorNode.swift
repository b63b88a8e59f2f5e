import CWeir
import CWeirSystem
import Synchronization
import WeirTelemetry

/// A processor's or connector's place as a consumer.
final class ProcessorNode: Consumer {
    let instance: ComponentInstance
    private let requirement: Atomic<Bool>
    /// What it passed on as it came, so that some have it and others do not: it is not to make other
    /// batches of that when it comes again.
    private let passed: DeliveryRecords

    /// - Parameter isRequired: whether anything behind it is.
    init(_ instance: ComponentInstance, isRequired: Bool = true) {
        self.instance = instance
        passed = DeliveryRecords(time: instance.services.time)
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
        let comesAgain = !passed.isEmpty && passed.record(batch.deliveryKey).taken != 0
        let given = comesAgain ? batch.comingAgain() : batch
        weir_call_note_split(0)
        var status =
            withExtendedLifetime(given) {
                unsafe instance.call { plugin in
                    unsafe instance.table.pointee.consume(plugin, given.pointer, error)
                }
            } ?? Status.cancelled
        if status == Status.retry, weir_call_noted_split() == batch.identity {
            passed.note(batch.deliveryKey, .init(taken: 1))
        } else if comesAgain, Outputs.isEnd(status) {
            passed.remove(batch.deliveryKey)
        }
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
