import Glibc

/// A UDP socket that knows one other side.
struct DatagramSocket: ~Copyable {
    private let socket: Int32

    init(_ address: IPAddress, port: Int) throws(ProbeFailure) {
        let family = address.isVersion4 ? AF_INET : AF_INET6
        socket = Glibc.socket(
            family, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), Int32(IPPROTO_UDP))
        guard socket >= 0 else { throw systemFailure("socket") }
        let code = unsafe address.withSocketAddress(port: port) {
            unsafe Glibc.connect(socket, $0, $1)
        }
        guard code == 0 else { throw systemFailure(address.endpoint(port)) }
    }

    deinit { if socket >= 0 { close(socket) } }

    func send(_ bytes: [UInt8]) throws(ProbeFailure) {
        guard unsafe Glibc.send(socket, bytes, bytes.count, 0) == bytes.count else {
            throw systemFailure("send")
        }
    }

    /// `nil`: nothing came in time.
    func receive(within time: Duration) throws(ProbeFailure) -> [UInt8]? {
        guard time > .zero else { return nil }
        var wanted = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
        let ready = unsafe poll(&wanted, 1, time.milliseconds)
        guard ready > 0 else { return nil }
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = unsafe recv(socket, &buffer, buffer.count, 0)
        guard count >= 0 else { throw systemFailure("receive") }
        return Array(buffer[..<count])
    }
}

/// What the last call of the system failed with.
func systemFailure(_ what: String) -> ProbeFailure {
    let code = errno
    let reason = unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
    return ProbeFailure("\(what): \(reason)")
}
