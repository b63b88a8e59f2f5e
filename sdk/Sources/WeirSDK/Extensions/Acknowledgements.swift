import CWeir
import Synchronization

/// What became of a batch, told to the receiver that brought it in.
@safe public struct Acknowledgements: @unchecked Sendable {  // Sendable: a constant table
    private let host: Host
    private let api: UnsafePointer<weir_ack>

    init?(_ host: Host) {
        guard let api = unsafe host.find(WEIR_EXT_ACK, weir_ack.self) else { return nil }
        self.host = host
        unsafe self.api = api
    }

    /// Waits for what becomes of a batch. Call this before `emit`, once for each batch, also where
    /// `emit` is tried again. Should `emit` fail for good, let go of what this returns.
    public func watch(_ batch: Batch) throws(ComponentError) -> Acknowledgement {
        let acknowledgement = Acknowledgement()
        let context = unsafe Unmanaged.passRetained(acknowledgement)
        do throws(ComponentError) {
            try unsafe check { error in
                unsafe api.pointee.watch(
                    host.table, batch.raw,
                    { context, outcome in
                        let own = unsafe Unmanaged<Acknowledgement>.fromOpaque(context!)
                        let status = unsafe outcome!.pointee.status
                        let error =
                            status == Status.ok ? nil : unsafe ComponentError(status, outcome!)
                        unsafe own.takeRetainedValue().settle(error)
                    }, context.toOpaque(), error)
            }
        } catch {
            unsafe context.release()
            throw error
        }
        return acknowledgement
    }
}

/// What becomes of one batch, which is known at some time, once.
public final class Acknowledgement: Sendable {
    private enum State {
        case open
        case awaited(@Sendable (ComponentError?) -> Void)
        case settled(ComponentError?)
    }

    private let state = Mutex(State.open)

    /// Calls `told` exactly once, now or later, on any thread: with `nil` if the batch was delivered
    /// (or is on disk, if that was asked for) and with the worst outcome otherwise: `retry` (emit it
    /// again), `refused` (dropped for good), `cancelled` (the process ends; nothing is known). It
    /// must not block. To be called once.
    public func whenSettled(_ told: @escaping @Sendable (ComponentError?) -> Void) {
        let known: ComponentError?? = state.withLock { state in
            if case .settled(let outcome) = state { return .some(outcome) }
            state = .awaited(told)
            return nil
        }
        if let known { told(known) }
    }

    func settle(_ outcome: ComponentError?) {
        let before = state.withLock { state in
            defer { state = .settled(outcome) }
            return state
        }
        if case .awaited(let told) = before { told(outcome) }
    }
}

extension Host {
    /// Acknowledgements, if whoever wrote the configuration wants this receiver to wait for them
    /// (its setting `ack`): ask once, in `init`. `nil`: answer as soon as `emit` has returned.
    public var acknowledgements: Acknowledgements? { Acknowledgements(self) }
}
