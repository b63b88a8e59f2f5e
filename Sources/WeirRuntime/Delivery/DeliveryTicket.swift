import Logging
import CWeir
import Synchronization

/// One attempt to deliver one batch, from deliver() until it is settled.
@safe final class DeliveryTicket: @unchecked Sendable {  // the block is written before it is shared
    let batch: HostBatch
    let attempt: Int
    /// When the first attempt began, on the monotonic clock.
    let firstNano: UInt64
    private let node: SinkNode
    private let isSettled = Atomic<Bool>(false)
    private let block: UnsafeMutablePointer<weir_delivery>

    init(
        _ batch: HostBatch, attempt: Int, firstNano: UInt64, deadline: UInt64, node: SinkNode
    ) {
        self.batch = batch
        self.attempt = attempt
        self.firstNano = firstNano
        self.node = node
        unsafe block = .allocate(capacity: 1)
        unsafe block.initialize(
            to: weir_delivery(
                size: UInt32(MemoryLayout<weir_delivery>.size), attempt: UInt32(attempt),
                deadline: deadline, token: Unmanaged.passUnretained(self).toOpaque()))
    }

    deinit { unsafe block.deallocate() }

    /// Calls the plugin. The ticket retains itself while the outcome is pending.
    func deliver() -> weir_error? {
        let own = unsafe Unmanaged.passRetained(self)
        var error = weir_error.make()
        let status =
            unsafe node.instance.call { plugin in
                unsafe node.instance.table.pointee.deliver(plugin, batch.pointer, block, &error)
            } ?? Status.cancelled
        if status == Status.pending { return nil }
        guard !isSettled.exchange(true, ordering: .acquiringAndReleasing) else {
            node.instance.logger.error(
                "plugin \(node.instance.plugin) misbehaves: deliver() returned \(statusName(status)) for a delivery that it had settled; expected WEIR_PENDING"
            )
            return nil
        }
        unsafe own.release()
        error.status = status
        return error
    }

    /// The plugin's settle().
    static func settle(_ delivery: UnsafePointer<weir_delivery>, outcome: weir_error) {
        let own = unsafe Unmanaged<DeliveryTicket>.fromOpaque(delivery.pointee.token)
        let ticket = unsafe own.takeUnretainedValue()
        guard !ticket.isSettled.exchange(true, ordering: .acquiringAndReleasing) else {
            ticket.node.instance.logger.error(
                "plugin \(ticket.node.instance.plugin) misbehaves: settled one delivery twice")
            return
        }
        ticket.node.finished(ticket, outcome)
        unsafe own.release()
    }
}
