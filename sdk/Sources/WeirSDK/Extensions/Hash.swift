import CWeir

/// Digests, so that a plugin need not bring a library for them.
@safe public struct Hash: @unchecked Sendable {  // Sendable: a constant table, any-thread
    private let host: Host
    private let api: UnsafePointer<weir_hash>

    init?(_ host: Host) {
        let first = unsafe MemoryLayout<weir_hash>.offset(of: \.md5)!
        guard let api = unsafe host.find(WEIR_EXT_HASH, weir_hash.self, atLeast: first) else {
            return nil
        }
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

    /// MD5 (RFC 1321): 16 bytes. Not for secrets: Prometheus' `hashmod` spreads targets by it.
    /// `nil`: this host is too old to have it.
    public func md5(_ input: RawSpan) -> [UInt8]? {
        let end = unsafe MemoryLayout<weir_hash>.offset(of: \.md5)! + MemoryLayout<UInt>.size
        guard unsafe Int(api.pointee.size) >= end else { return nil }
        var digest = [UInt8](repeating: 0, count: 16)
        unsafe input.withUnsafeBytes { input in
            unsafe digest.withUnsafeMutableBufferPointer { digest in
                unsafe api.pointee.md5(host.table, weir_slice(input), digest.baseAddress)
            }
        }
        return digest
    }

    /// MD5 of the UTF-8 of a text.
    public func md5(_ text: String) -> [UInt8]? {
        let bytes = Array(text.utf8)
        return unsafe md5(bytes.span.bytes)
    }
}

extension Host {
    /// Digests, if this host has them.
    public var hash: Hash? { Hash(self) }
}
