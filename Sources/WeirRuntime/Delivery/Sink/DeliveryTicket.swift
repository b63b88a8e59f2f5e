import Logging
import CWeir
import Synchronization

/// One attempt to deliver one batch, from deliver() until it is settled.
@safe final class DeliveryTicket: @unchecked Sendable {  // the block is written before it is shared
    let work: DeliveryWork
    /// Whom it is made to.
    var target: SinkTarget { work.target }
    private let node: SinkNode
    private let state = Mutex(State.inCall)
    private let block: UnsafeMutablePointer<weir_delivery>

    private enum State {
        case inCall
        /// Settled before deliver() has returned: its caller books the outcome. Booked at once, the
        /// next delivery would begin within this one, and the one after it within that.
        indirect case settledInCall(weir_error)
        case pending
        case done
    }

    init(_ work: DeliveryWork, deadline: UInt64, node: SinkNode) {
        self.work = work
        self.node = node
        unsafe block = .allocate(capacity: 1)
        unsafe block.initialize(
            to: weir_delivery(
                size: UInt32(MemoryLayout<weir_delivery>.size), attempt: UInt32(work.attempt),
                deadline: deadline, token: Unmanaged.passUnretained(self).toOpaque()))
    }

    deinit { unsafe block.deallocate() }

    /// Calls the plugin. The ticket retains itself while the outcome is pending.
    func deliver() -> weir_error? {
        let own = unsafe Unmanaged.passRetained(self)
        var error = weir_error.make()
        let status =
            unsafe target.instance.call { plugin in
                unsafe ComponentInstance.until(block.pointee.deadline) {
                    unsafe target.instance.table.pointee.deliver(
                        plugin, work.batch.pointer, block, &error)
                }
            } ?? Status.cancelled
        let before = state.withLock { state -> State in
            defer {
                if case .inCall = state, status == Status.pending {
                    state = .pending
                } else {
                    state = .done
                }
            }
            return state
        }
        if case .settledInCall(let early) = before {
            if status != Status.pending {
                target.instance.logger.error(
                    "plugin \(target.instance.plugin) misbehaves: deliver() returned \(statusName(status)) for a delivery that it had settled; expected WEIR_PENDING"
                )
            }
            unsafe own.release()
            return early
        }
        if status == Status.pending { return nil }
        unsafe own.release()
        error.status = status
        return error
    }

    /// The plugin's settle().
    static func settle(_ delivery: UnsafePointer<weir_delivery>, outcome: weir_error) {
        let own = unsafe Unmanaged<DeliveryTicket>.fromOpaque(delivery.pointee.token)
        let ticket = unsafe own.takeUnretainedValue()
        let before = ticket.state.withLock { state -> State in
            defer {
                switch state {
                case .inCall: state = .settledInCall(outcome)
                case .pending: state = .done
                case .settledInCall, .done: break
                }
            }
            return state
        }
        switch before {
        case .inCall: break
        case .pending:
            ticket.node.finished(ticket, outcome)
            unsafe own.release()
        case .settledInCall, .done:
            ticket.target.instance.logger.error(
                "plugin \(ticket.target.instance.plugin) misbehaves: settled one delivery twice")
        }
    }
}
