import Glibc
import Synchronization
import WeirSDK

/// What is left of a deadline when a call begins, in real time.
struct FakeWait {
    private let host: FakeHost
    private let end: ContinuousClock.Instant?

    init(_ host: FakeHost, _ deadline: UInt64) {
        self.host = host
        let now = host.monotonic
        let left = Duration(nanosecondCount: deadline > now ? deadline - now : 0)
        end = deadline == 0 ? nil : .now + left
    }

    /// Waits until the socket can do this; ends at the deadline and when the host is cancelled.
    func until(_ socket: Int32, _ events: Int32, _ what: String) throws(ComponentError) {
        var entry = pollfd(fd: socket, events: Int16(events), revents: 0)
        while true {
            if host.record.withLock({ $0.isCancelled }) {
                throw .cancelled("the component was asked to stop")
            }
            if let end, .now >= end { throw .timeout("\(what): the deadline passed") }
            // Short, so that a cancelled host is noticed.
            if unsafe poll(&entry, 1, 5) > 0 { return }
        }
    }
}

enum FakeSocket {
    static func failure(_ what: String) -> ComponentError {
        .retry("\(what): \(unsafe String(cString: strerror(errno)))")
    }

    /// Connects to `host:port` or `unix:/path`.
    static func connect(_ endpoint: String, _ wait: FakeWait) throws(ComponentError) -> Int32 {
        if endpoint.hasPrefix("unix:") {
            return try connectUnix(String(endpoint.dropFirst(5)), wait)
        }
        guard let colon = endpoint.lastIndex(of: ":") else {
            throw .invalid("endpoint \"\(endpoint)\" has no port: write host:port")
        }
        var host = String(endpoint[..<colon])
        if host.hasPrefix("[") { host = String(host.dropFirst().dropLast()) }
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        let code = unsafe getaddrinfo(
            host, String(endpoint[endpoint.index(after: colon)...]), &hints, &found)
        guard code == 0, let first = unsafe found else {
            throw .retry("the name \(host) is not known")
        }
        defer { unsafe freeaddrinfo(first) }
        let family = unsafe first.pointee.ai_family
        return try open(family, endpoint, wait) {
            unsafe Glibc.connect($0, first.pointee.ai_addr, first.pointee.ai_addrlen)
        }
    }

    private static func connectUnix(
        _ path: String, _ wait: FakeWait
    ) throws(ComponentError) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) {
            unsafe $0.copyBytes(from: path.utf8.prefix($0.count - 1))
        }
        return try open(AF_UNIX, path, wait) { socket in
            unsafe withUnsafePointer(to: &address) {
                unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe Glibc.connect(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
        }
    }

    private static func open(
        _ family: Int32, _ endpoint: String, _ wait: FakeWait, _ connect: (Int32) -> Int32
    ) throws(ComponentError) -> Int32 {
        let socket = Glibc.socket(
            family,
            Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
        guard socket >= 0 else { throw failure("socket") }
        do throws(ComponentError) {
            if connect(socket) != 0 {
                guard errno == EINPROGRESS else { throw failure("cannot connect to \(endpoint)") }
                try wait.until(socket, POLLOUT, "connect")
                var error: Int32 = 0
                var size = socklen_t(MemoryLayout<Int32>.size)
                unsafe getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size)
                if error != 0 {
                    errno = error
                    throw failure("cannot connect to \(endpoint)")
                }
            }
            return socket
        } catch {
            _ = Glibc.close(socket)
            throw error
        }
    }
}
