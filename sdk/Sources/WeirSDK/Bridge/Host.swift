package import CWeir
public import WeirTelemetry

/// What a component may ask of its host. Everything may be called on any thread.
///
/// Inside `init` only the log, the clocks and the extensions may be used; from `start` on,
/// everything. After the component has been destroyed, nothing.
@safe public struct Host: @unchecked Sendable {  // Sendable: the table is constant and any-thread
    let table: UnsafePointer<weir_host>

    package init(_ table: UnsafePointer<weir_host>) {
        unsafe self.table = table
    }

    /// Nanoseconds since 1970. In tests the clocks are virtual: take the time from nowhere else.
    public var now: UInt64 { unsafe table.pointee.unix_nano(table) }

    /// Nanoseconds on a clock that only goes forward.
    public var monotonic: UInt64 { unsafe table.pointee.monotonic_nano(table) }

    /// True once the call in progress should end. Ask between steps of anything that takes long.
    public var isCancelled: Bool { unsafe table.pointee.is_cancelled(table) }

    /// Hands a batch to what follows in every pipeline that carries its signal.
    ///
    /// Throws `retry` (hold it, or refuse it to whoever sent it, and try again) or `refused` (it
    /// will never be taken). Do not hold a lock here: what follows may call back.
    public func emit(_ batch: Batch) throws(ComponentError) {
        try unsafe check { unsafe table.pointee.emit(table, batch.raw, $0) }
    }

    /// Says that items which this component took will not be passed on. The reason becomes a
    /// label: a word or two, from a small set (`filtered`, `duplicate`).
    public func drop(_ items: Int, _ signal: Signal, reason: String) {
        guard items > 0 else { return }
        unsafe withSlice(reason) {
            unsafe table.pointee.drop(table, signal.rawValue, UInt64(items), $0)
        }
    }

    /// A table of functions by id, if this host has it and it is at least of this size.
    ///
    /// - Parameter size: where the table has grown, what its first version had, in bytes.
    func find<Table>(
        _ id: String, _: Table.Type, atLeast size: Int = MemoryLayout<Table>.size
    ) -> UnsafePointer<Table>? {
        guard let found = unsafe table.pointee.extension(table, id) else { return nil }
        // Every table begins with its size.
        guard Int(unsafe found.load(as: UInt32.self)) >= size else { return nil }
        return unsafe found.assumingMemoryBound(to: Table.self)
    }
}
