import CWeir
import WeirStorage

/// weir/ext/storage.h, where an extension `file_storage` is configured.
enum StorageTable {
    /// `nil`: nothing keeps anything.
    static func find(_ host: UnsafePointer<weir_host>?) -> UnsafeRawPointer? {
        guard let host = unsafe host, unsafe host.pointee.context != nil,
            unsafe ComponentInstance.from(host).services.storages.isAvailable
        else { return nil }
        return unsafe UnsafeRawPointer(shared)
    }

    private nonisolated(unsafe) static let shared = unsafe HostExtensions.table(  // immutable
        weir_storage(
            size: UInt32(MemoryLayout<weir_storage>.size), reserved: 0,
            get: { host, key, found, context, error in
                unsafe use(host, error) { store, component throws(StorageError) in
                    guard let value = try store.get(component, unsafe key.bytes) else {
                        return
                    }
                    unsafe value.withUnsafeBytes { value in
                        unsafe found!(
                            context,
                            weir_slice(
                                data: value.baseAddress?.assumingMemoryBound(to: UInt8.self),
                                length: value.count))
                    }
                }
            },
            set: { host, key, value, error in
                unsafe use(host, error) { store, component throws(StorageError) in
                    try store.set(component, unsafe key.bytes, unsafe value.bytes)
                }
            },
            remove: { host, key, error in
                unsafe use(host, error) { store, component throws(StorageError) in
                    try store.remove(component, unsafe key.bytes)
                }
            }))

    /// Each component sees its own keys.
    private static func use(
        _ host: UnsafePointer<weir_host>?, _ error: UnsafeMutablePointer<weir_error>?,
        _ body: (KeyValueStore, String) throws(StorageError) -> Void
    ) -> weir_status {
        let instance = unsafe ComponentInstance.from(host)
        do throws(StorageError) {
            try body(try instance.services.storages.store(), instance.key)
            return Status.ok
        } catch let failure {
            let status = failure.mayRetry ? Status.retry : Status.refused
            unsafe error?.pointee.set(status, failure.message)
            return status
        }
    }
}
