import Glibc

/// An IPv4 or IPv6 address.
struct IPAddress: Sendable, Hashable {
    /// Four or sixteen.
    let bytes: [UInt8]

    var isVersion4: Bool { bytes.count == 4 }

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// As text, IPv6 with or without brackets; `nil` for names.
    init?(_ text: String) {
        var four = in_addr()
        if unsafe inet_pton(AF_INET, text, &four) == 1 {
            bytes = unsafe withUnsafeBytes(of: &four) { unsafe Array($0) }
            return
        }
        let inner =
            text.hasPrefix("[") && text.hasSuffix("]") ? String(text.dropFirst().dropLast()) : text
        var six = in6_addr()
        guard unsafe inet_pton(AF_INET6, inner, &six) == 1 else { return nil }
        bytes = unsafe withUnsafeBytes(of: &six) { unsafe Array($0) }
    }

    var text: String {
        var text = [CChar](repeating: 0, count: 64)
        let family = isVersion4 ? AF_INET : AF_INET6
        guard unsafe inet_ntop(family, bytes, &text, 64) != nil else { return "" }
        return String(
            decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// With a port.
    func endpoint(_ port: Int) -> String {
        isVersion4 ? "\(text):\(port)" : "[\(text)]:\(port)"
    }

    /// FNV-1a, which tells addresses apart and no more.
    var hash: UInt32 {
        bytes.reduce(2_166_136_261) { ($0 ^ UInt32($1)) &* 16_777_619 }
    }

    /// Calls `body` with the address as the kernel takes it.
    func withSocketAddress<R>(
        port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> R
    ) -> R {
        if isVersion4 {
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = in_port_t(port).bigEndian
            unsafe withUnsafeMutableBytes(of: &address.sin_addr) {
                unsafe $0.copyBytes(from: bytes)
            }
            return unsafe withUnsafePointer(to: &address) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
        }
        var address = sockaddr_in6()
        address.sin6_family = sa_family_t(AF_INET6)
        address.sin6_port = in_port_t(port).bigEndian
        unsafe withUnsafeMutableBytes(of: &address.sin6_addr) { unsafe $0.copyBytes(from: bytes) }
        return unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe body($0, socklen_t(MemoryLayout<sockaddr_in6>.size))
            }
        }
    }
}
