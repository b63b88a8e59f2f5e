import CWeir
public import WeirTelemetry

extension Host {
    /// Makes a batch of one part from a whole buffer, without a single array on the way: what a
    /// receiver does with a request that it has scanned.
    public func makeBatch(
        _ signal: Signal, items: Int, whole buffer: Buffer
    ) throws(ComponentError) -> Batch {
        var part = unsafe buffer.slice
        var owner: UnsafePointer<weir_buffer>? = unsafe buffer.raw
        var error = weir_error()
        unsafe weir_error_init(&error)
        let made = unsafe withUnsafePointer(to: &part) { part in
            unsafe withUnsafePointer(to: &owner) { owner in
                var spec = unsafe weir_batch_spec(
                    size: UInt32(MemoryLayout<weir_batch_spec>.size), signal: signal.rawValue,
                    items: UInt64(items), parts: part, part_count: 1, source_count: 0,
                    sources: nil, buffers: owner, buffer_count: 1, reserved: 0)
                return unsafe table.pointee.batch_make(table, &spec, &error)
            }
        }
        withExtendedLifetime(buffer) {}
        guard let made = unsafe made else {
            let status = error.status == Status.ok ? Status.refused : error.status
            throw unsafe ComponentError(status, &error)
        }
        return unsafe Batch(adopting: made, signal, self)
    }
}
