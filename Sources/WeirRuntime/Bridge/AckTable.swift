import CWeir

/// weir/ext/ack.h: the watches of a receiver on the batches that it brings in.
enum AckTable {
    nonisolated(unsafe) static let shared = unsafe HostExtensions.table(  // immutable
        weir_ack(
            size: UInt32(MemoryLayout<weir_ack>.size), reserved: 0,
            watch: { host, batch, settled, context, error in
                let instance = unsafe ComponentInstance.from(host)
                let address = UInt(bitPattern: context)
                let settled = unsafe settled!
                let refusal = unsafe instance.watch(HostBatch.from(batch!)) { failure in
                    var outcome = weir_error.make()
                    if let failure {
                        outcome.set(failure.status, failure.text, retryAfter: failure.retryAfter)
                    }
                    instance.crumbed {
                        unsafe settled(UnsafeMutableRawPointer(bitPattern: address), &outcome)
                    }
                }
                guard let refusal else { return Status.ok }
                unsafe error!.pointee.set(refusal.status, refusal.text)
                return refusal.status
            }))

    /// Absent where nobody is to wait: a receiver that does not find it answers at once.
    static func find(_ host: UnsafePointer<weir_host>?) -> UnsafeRawPointer? {
        guard let host = unsafe host, unsafe host.pointee.context != nil,
            unsafe ComponentInstance.from(host).watches != nil
        else { return nil }
        return unsafe UnsafeRawPointer(shared)
    }
}
