import CWeir

/// Whether a batch is taken already.
public enum Emission: Sendable, Equatable {
    case taken
    /// It waits for room; what became of it is told.
    case waits
}

extension Host {
    /// For receivers: hands a batch on like `emit`, and lets it wait where there is no room. A sender
    /// that waits a moment for its answer is slowed down by as much as it has to be; one that is told
    /// to come back sends its whole body again.
    ///
    /// Those of one signal keep their order. Throws what `emit` throws, `retry` only where it cannot
    /// wait: too much waits already, nobody is to wait (no patience, and no sink that is to block),
    /// the component is being stopped, or this host has no weir.room/1.
    ///
    /// - Parameters:
    ///   - patience: for how long; a sink that is to block may make it longer.
    ///   - told: only called if this returns `waits`: exactly once, on any thread, perhaps before this
    ///     has returned, with `nil` if it has been taken and else what `emit` would throw. `retry`: it
    ///     has waited in vain, or the component is being stopped. It must not block.
    public func emit(
        _ batch: Batch, waiting patience: Duration,
        told: @escaping @Sendable (ComponentError?) -> Void
    ) throws(ComponentError) -> Emission {
        guard let api = unsafe room else {
            try emit(batch)
            return .taken
        }
        return unsafe try emit(batch, patience.clampedNanoseconds, api, told)
    }

    /// For components that have taken what they emit, and bound what they hold: hands a batch on like
    /// `emit`, and lets it wait until there is room. Those of one signal keep their order; of several
    /// sinks none waits for another. Throws `retry` only where the component is being stopped.
    ///
    /// - Parameter told: as above; `retry`: the component is being stopped.
    public func emit(
        _ batch: Batch, untilTaken told: @escaping @Sendable (ComponentError?) -> Void
    ) throws(ComponentError) -> Emission {
        guard let api = unsafe room else {
            throw .unsupported("this host has no room where batches wait (\(WEIR_EXT_ROOM))")
        }
        return unsafe try emit(batch, UInt64.max, api, told)
    }

    /// Whether batches may wait for room.
    public var hasWaitingRoom: Bool { unsafe room != nil }

    private var room: UnsafePointer<weir_room>? { unsafe find(WEIR_EXT_ROOM, weir_room.self) }

    private func emit(
        _ batch: Batch, _ patience: UInt64, _ api: UnsafePointer<weir_room>,
        _ told: @escaping @Sendable (ComponentError?) -> Void
    ) throws(ComponentError) -> Emission {
        let listener = unsafe Unmanaged.passRetained(RoomListener(told))
        var error = weir_error()
        unsafe weir_error_init(&error)
        let status = unsafe api.pointee.emit(
            table, batch.raw, patience,
            { context, outcome in
                let listener = unsafe Unmanaged<RoomListener>.fromOpaque(context!)
                    .takeRetainedValue()
                let status = unsafe outcome!.pointee.status
                listener.told(
                    status == Status.ok ? nil : unsafe ComponentError(status, outcome!))
            }, listener.toOpaque(), &error)
        if status == Status.pending { return .waits }
        unsafe listener.release()
        guard status == Status.ok else { throw unsafe ComponentError(status, &error) }
        return .taken
    }
}

private final class RoomListener: Sendable {
    let told: @Sendable (ComponentError?) -> Void

    init(_ told: @escaping @Sendable (ComponentError?) -> Void) { self.told = told }
}
