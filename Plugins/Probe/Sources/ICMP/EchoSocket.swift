import Glibc

/// A socket for echo requests: a ping socket, which any user may have where
/// net.ipv4.ping_group_range says so, or else a raw one, which needs CAP_NET_RAW.
struct EchoSocket: ~Copyable {
    struct Reply {
        /// From the header of ICMP on.
        var bytes: [UInt8]
        var hopLimit: Int?
    }

    let isRaw: Bool
    private let socket: Int32
    private let isVersion4: Bool

    init(_ address: IPAddress, ttl: Int?) throws(ProbeFailure) {
        isVersion4 = address.isVersion4
        let family = isVersion4 ? AF_INET : AF_INET6
        let number = isVersion4 ? Int32(IPPROTO_ICMP) : Int32(IPPROTO_ICMPV6)
        let flags = SOCK_CLOEXEC.rawValue
        let plain = Glibc.socket(family, Int32(SOCK_DGRAM.rawValue | flags), number)
        if plain >= 0 {
            socket = plain
            isRaw = false
        } else {
            socket = Glibc.socket(family, Int32(SOCK_RAW.rawValue | flags), number)
            isRaw = true
        }
        guard socket >= 0 else {
            throw ProbeFailure(
                "no socket for ICMP: allow this group in net.ipv4.ping_group_range, or give "
                    + "CAP_NET_RAW")
        }
        var one: Int32 = 1
        let size = socklen_t(MemoryLayout<Int32>.size)
        // So that the hop limit comes with a reply.
        if isVersion4 {
            unsafe _ = setsockopt(socket, Int32(IPPROTO_IP), IP_RECVTTL, &one, size)
        } else {
            unsafe _ = setsockopt(socket, Int32(IPPROTO_IPV6), IPV6_RECVHOPLIMIT, &one, size)
        }
        if var limit = ttl.map(Int32.init(clamping:)) {
            if isVersion4 {
                unsafe _ = setsockopt(socket, Int32(IPPROTO_IP), IP_TTL, &limit, size)
            } else {
                unsafe _ = setsockopt(socket, Int32(IPPROTO_IPV6), IPV6_UNICAST_HOPS, &limit, size)
            }
        }
    }

    deinit { if socket >= 0 { close(socket) } }

    func send(_ bytes: [UInt8], to address: IPAddress) throws(ProbeFailure) {
        let sent = unsafe address.withSocketAddress(port: 0) {
            unsafe sendto(socket, bytes, bytes.count, 0, $0, $1)
        }
        guard sent == bytes.count else { throw systemFailure(address.text) }
    }

    /// `nil`: nothing came in time.
    func receive(within time: Duration) throws(ProbeFailure) -> Reply? {
        guard time > .zero else { return nil }
        var wanted = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
        guard unsafe poll(&wanted, 1, time.milliseconds) > 0 else { return nil }
        var buffer = [UInt8](repeating: 0, count: 65_536)
        var control = [UInt8](repeating: 0, count: 256)
        var controlLength = 0
        let count = unsafe buffer.withUnsafeMutableBytes { buffer in
            unsafe control.withUnsafeMutableBytes { control in
                var part = unsafe iovec(iov_base: buffer.baseAddress, iov_len: buffer.count)
                return unsafe withUnsafeMutablePointer(to: &part) { part in
                    var message = unsafe msghdr()
                    unsafe message.msg_iov = part
                    unsafe message.msg_iovlen = 1
                    unsafe message.msg_control = control.baseAddress
                    unsafe message.msg_controllen = control.count
                    let count = unsafe recvmsg(socket, &message, 0)
                    controlLength = unsafe Int(message.msg_controllen)
                    return count
                }
            }
        }
        guard count >= 0 else { throw systemFailure("receive") }
        var bytes = buffer[..<count]
        // A raw socket of IPv4 gives the header of IP, too.
        if isRaw, isVersion4, let first = bytes.first {
            bytes = bytes.dropFirst(Int(first & 15) * 4)
        }
        return Reply(
            bytes: Array(bytes), hopLimit: EchoSocket.hopLimit(Array(control[..<controlLength])))
    }

    /// From the first control message: its length, level and type, and a number.
    private static func hopLimit(_ control: [UInt8]) -> Int? {
        let header = MemoryLayout<Int>.size + 8
        guard control.count >= header + 4 else { return nil }
        return unsafe control.withUnsafeBytes {
            unsafe Int($0.loadUnaligned(fromByteOffset: header, as: Int32.self))
        }
    }
}
