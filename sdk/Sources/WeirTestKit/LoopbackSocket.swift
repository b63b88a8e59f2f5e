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

    /// - Parameter port: 0: one that the system chooses. That it can be had is a precondition.
    public init(_ kind: Kind = .stream, port: Int = 0) {
        let type = kind == .stream ? SOCK_STREAM : SOCK_DGRAM
        let descriptor = socket(AF_INET, Int32(type.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(INADDR_LOOPBACK).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe precondition(
                    bind(descriptor, $0, length) == 0, "port \(port) is taken: errno \(errno)")
                unsafe _ = getsockname(descriptor, $0, &length)
            }
        }
        if kind == .stream { precondition(listen(descriptor, 16) == 0) }
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
