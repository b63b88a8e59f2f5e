import Glibc
import NIOCore

/// A socket on which a server listens. It is open as long as somebody has it, so one server can hand
/// it on to the next, and connections that wait in it are accepted by whoever is there.
package final class ListeningSocket: Sendable {
    /// As it was asked for, and with its real port.
    package let endpoint: Endpoint
    package let bound: Endpoint
    private let descriptor: Int32

    /// Takes a share in the socket of a channel that listens; `nil`: the channel has none. To be
    /// called on its event loop.
    init?(of channel: any Channel, _ endpoint: Endpoint) {
        let shared = try? channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(
            of: CInt.self
        ) { fcntl($0, F_DUPFD_CLOEXEC, 3) }
        guard let shared, shared >= 0 else { return nil }
        descriptor = shared
        self.endpoint = endpoint
        bound =
            switch endpoint {
            case .unix: endpoint
            case .tcp(let host, _): .tcp(host: host, port: channel.localAddress?.port ?? 0)
            }
    }

    deinit {
        // Nothing to be done about a failure: the next start removes the file.
        if case .unix(let path) = endpoint { _ = unsafe unlink(path) }
        close(descriptor)
    }

    /// A descriptor for another server to listen on.
    func share() throws(NetError) -> CInt {
        let shared = fcntl(descriptor, F_DUPFD_CLOEXEC, 3)
        if shared >= 0 { return shared }
        let reason = unsafe String(cString: strerror(errno))
        throw NetError(.bindFailed, "the socket of \(endpoint) cannot be handed on: \(reason)")
    }

    /// Whether another socket may listen on the same port of another address, as 127.0.0.1 beside
    /// 0.0.0.0.
    func allowsNeighbours(_ allows: Bool) {
        var value: CInt = allows ? 1 : 0
        // One that does not allow it shows when the other tries to bind.
        _ = unsafe setsockopt(
            descriptor, SOL_SOCKET, SO_REUSEPORT, &value, socklen_t(MemoryLayout<CInt>.size))
    }
}
