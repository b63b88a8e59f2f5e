import CWeir

/// Digests, so that a plugin need not bring a library for them.
@safe public struct Hash: @unchecked Sendable {  // Sendable: a constant table, any-thread
    private let host: Host
    private let api: UnsafePointer<weir_hash>

    init?(_ host: Host) {
        guard let api = unsafe host.find(WEIR_EXT_HASH, weir_hash.self) else { return nil }
        self.host = host
        unsafe self.api = api
    }

    /// SHA-256 (FIPS 180-4): 32 bytes.
    public func sha256(_ input: RawSpan) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: 32)
        unsafe input.withUnsafeBytes { input in
            unsafe digest.withUnsafeMutableBufferPointer { digest in
                unsafe api.pointee.sha256(host.table, weir_slice(input), digest.baseAddress)
            }
        }
        return digest
    }

    /// SHA-256 of the UTF-8 of a text.
    public func sha256(_ text: String) -> [UInt8] {
        let bytes = Array(text.utf8)
        return unsafe sha256(bytes.span.bytes)
    }
}

extension Host {
    /// Digests, if this host has them.
    public var hash: Hash? { Hash(self) }
}
