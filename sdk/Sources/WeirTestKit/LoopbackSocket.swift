import Glibc

/// A socket on 127.0.0.1, closed when it is released, which ends what waits on it. [any thread]
///
/// `unsafe` here: the system's socket calls.
public final class LoopbackSocket: Sendable {
    public enum Kind: Sendable {
        /// TCP; it listens, and nobody accepts unless the test does.
        case stream
        /// UDP.
        case datagram
    }

    public let descriptor: Int32
    public let port: Int

    /// On a port that the system chooses.
    public convenience init(_ kind: Kind = .stream) {
        self.init(kind, port: 0)!
    }

    /// `nil`: somebody else has that port.
    public init?(_ kind: Kind, port: Int) {
        let type = kind == .stream ? SOCK_STREAM : SOCK_DGRAM
        let descriptor = socket(AF_INET, Int32(type.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(INADDR_LOOPBACK).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(descriptor, $0, length) == 0
                    && getsockname(descriptor, $0, &length) == 0
            }
        }
        guard isBound, kind == .datagram || listen(descriptor, 16) == 0 else {
            close(descriptor)
            return nil
        }
        self.descriptor = descriptor
        self.port = Int(UInt16(bigEndian: address.sin_port))
    }

    deinit {
        shutdown(descriptor, Int32(SHUT_RDWR))
        close(descriptor)
    }

    /// A port on which nothing listens.
    public static func freePort() -> Int { LoopbackSocket().port }
}
