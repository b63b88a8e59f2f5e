import CMD
import CWeir

/// weir/ext/hash.h by libmd.
enum HashTable {
    nonisolated(unsafe) static let shared = unsafe HostExtensions.table(  // immutable
        weir_hash(
            size: UInt32(MemoryLayout<weir_hash>.size), reserved: 0,
            sha256: { _, input, digest in
                var context = SHA2_CTX()
                unsafe SHA256Init(&context)
                if let data = unsafe input.data {
                    unsafe SHA256Update(&context, data, input.length)
                }
                unsafe SHA256Final(digest, &context)
            },
            md5: { _, input, digest in
                var context = MD5_CTX()
                unsafe MD5Init(&context)
                if let data = unsafe input.data {
                    unsafe MD5Update(&context, data, input.length)
                }
                unsafe MD5Final(digest, &context)
            }))
}
