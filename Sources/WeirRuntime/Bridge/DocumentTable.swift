import CWeir
import WeirConfig
import WeirJSON

/// weir/ext/document.h by the reader of configurations.
enum DocumentTable {
    nonisolated(unsafe) static let shared = unsafe HostExtensions.table(  // immutable
        weir_document(
            size: UInt32(MemoryLayout<weir_document>.size), reserved: 0,
            to_json: { _, text, found, context, error in
                do throws(DocumentError) {
                    let json = try unsafe documentJSON(text.bytes).serializedBytes()
                    unsafe json.withUnsafeBufferPointer { json in
                        unsafe found!(
                            context, weir_slice(data: json.baseAddress, length: json.count))
                    }
                    return Status.ok
                } catch let reason {
                    unsafe error!.pointee.set(Status.invalid, reason.description)
                    return Status.invalid
                }
            }))
}
