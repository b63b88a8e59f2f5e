package import CWeir
import Synchronization

/// One attempt to deliver one batch; settled exactly once.
///
/// A sink that returns ``Outcome/pending`` keeps the delivery and calls ``settle(_:)`` later, on
/// any thread. A delivery that is lost settles itself as refused, and the plugin gets the blame.
@safe public final class Delivery: @unchecked Sendable {
    // Sendable: the pointer is only passed back, and the state is behind a lock.
    private enum State {
        case inCall
        case settledInCall(Outcome)
        case pending
        case done
    }

    private let raw: UnsafePointer<weir_delivery>
    private let host: Host
    private let state = Mutex(State.inCall)
    /// 1 for the first.
    public let attempt: Int
    public let deadline: Deadline

    init(_ raw: UnsafePointer<weir_delivery>, _ host: Host) {
        unsafe self.raw = raw
        self.host = host
        attempt = unsafe Int(raw.pointee.attempt)
        deadline = unsafe Deadline(monotonicNanoseconds: raw.pointee.deadline)
    }

    /// Ends the delivery. ``Outcome/pending`` ends nothing and counts as refused.
    public func settle(_ outcome: Outcome) {
        let outcome =
            outcome == .pending ? .refused(message: "the plugin settled as pending") : outcome
        let next = state.withLock { state -> Bool? in
            switch state {
            case .inCall: state = .settledInCall(outcome)
            case .pending:
                state = .done
                return true
            case .settledInCall, .done: return false
            }
            return nil
        }
        if next == true { tell(outcome) }
        if next == false { host.log(.pluginMisbehaving, "a delivery was settled twice") }
    }

    /// What `deliver` returns to the host: the outcome, also if it came by `settle` meanwhile.
    func answer(_ outcome: Outcome, _ error: UnsafeMutablePointer<weir_error>) -> weir_status {
        let (answer, twice) = state.withLock { state -> (Outcome, Bool) in
            if case .settledInCall(let settled) = state {
                state = .done
                return (settled, outcome != .pending)
            }
            state = outcome == .pending ? .pending : .done
            return (outcome, false)
        }
        if twice { host.log(.pluginMisbehaving, "a delivery was settled and answered") }
        return unsafe answer.write(to: error)
    }

    /// What `deliver` returns if the component was not even asked.
    func fail(_ failure: ComponentError, _ error: UnsafeMutablePointer<weir_error>) -> weir_status {
        state.withLock { $0 = .done }
        return unsafe failure.write(to: error)
    }

    deinit {
        let lost = state.withLock { state in
            if case .pending = state { true } else { false }
        }
        guard lost else { return }
        host.log(.pluginMisbehaving, "a delivery was pending and was lost, so it is refused")
        tell(.refused(message: "the plugin lost the delivery"))
    }

    private func tell(_ outcome: Outcome) {
        var error = weir_error()
        unsafe weir_error_init(&error)
        _ = unsafe outcome.write(to: &error)
        unsafe host.table.pointee.settle(host.table, raw, &error)
    }
}

extension Outcome {
    /// Fills in the caller's error and returns the status.
    package func write(to error: UnsafeMutablePointer<weir_error>) -> weir_status {
        switch self {
        case .delivered(let rejected, let message):
            unsafe error.pointee.rejected_items = UInt64(max(0, rejected))
            if message.isEmpty {
                unsafe error.pointee.status = Status.ok
                return Status.ok
            }
            return unsafe withSlice(message) { unsafe weir_fail(error, Status.ok, $0) }
        case .retry(let delay, let message):
            return unsafe ComponentError.retry(after: delay, message).write(to: error)
        case .refused(let message): return unsafe ComponentError.refused(message).write(to: error)
        case .pending: return Status.pending
        }
    }
}
