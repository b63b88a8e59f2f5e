import CWeir

/// What became of a batch, told to the receiver that brought it in.
@safe public struct Acknowledgements: @unchecked Sendable {  // Sendable: a constant table
    private let host: Host
    private let api: UnsafePointer<weir_ack>

    init?(_ host: Host) {
        guard let api = unsafe host.find(WEIR_EXT_ACK, weir_ack.self) else { return nil }
        self.host = host
        unsafe self.api = api
    }

    /// Calls `settled` exactly once, on any thread, with `nil` if the batch was delivered and the
    /// worst outcome otherwise: `retry` (emit it again), `refused` (dropped for good), `cancelled`
    /// (the process ends; nothing is known). Call this before `emit`. `settled` must not block.
    public func watch(
        _ batch: Batch, _ settled: @escaping @Sendable (ComponentError?) -> Void
    ) throws(ComponentError) {
        let context = unsafe Unmanaged.passRetained(Watch(settled))
        do throws(ComponentError) {
            try unsafe check { error in
                unsafe api.pointee.watch(
                    host.table, batch.raw,
                    { context, outcome in
                        let watch = unsafe Unmanaged<Watch>.fromOpaque(context!)
                        let settled = unsafe watch.takeRetainedValue().settled
                        let status = unsafe outcome!.pointee.status
                        settled(status == Status.ok ? nil : unsafe ComponentError(status, outcome!))
                    }, context.toOpaque(), error)
            }
        } catch {
            unsafe context.release()
            throw error
        }
    }
}

private final class Watch: Sendable {
    let settled: @Sendable (ComponentError?) -> Void
    init(_ settled: @escaping @Sendable (ComponentError?) -> Void) { self.settled = settled }
}

extension Host {
    /// Acknowledgements, if this host has them.
    public var acknowledgements: Acknowledgements? { Acknowledgements(self) }
}
