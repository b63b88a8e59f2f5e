import Glibc
import NIOCore
import NIOPosix

/// Names by the system's resolver, with its files and its order.
enum SystemNames {
    /// A lookup blocks for half a minute where no name server answers: with NIO's own threads, of which
    /// there are as many as cores, one such name would hold up all others.
    static let threads: NIOThreadPool = {
        let pool = NIOThreadPool(numberOfThreads: 4)
        pool.start()
        return pool
    }()

    /// Blocks. At least one address, in the order in which they are to be tried.
    static func addresses(of host: String, port: Int) throws(NetError) -> [SocketAddress] {
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        unsafe hints.ai_flags = AI_ADDRCONFIG
        var list: UnsafeMutablePointer<addrinfo>?
        let code = unsafe getaddrinfo(host, nil, &hints, &list)
        guard code == 0 else {
            let reason = unsafe String(cString: gai_strerror(code))
            throw NetError(
                .connectFailed,
                "the name \(host) is not known (\(reason)): check the endpoint and DNS",
                isSafeToRetry: true)
        }
        defer { unsafe freeaddrinfo(list) }
        var found: [SocketAddress] = []
        var next = unsafe list
        while let entry = unsafe next?.pointee {
            unsafe next = entry.ai_next
            var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            let code = unsafe getnameinfo(
                entry.ai_addr, entry.ai_addrlen, &text, socklen_t(text.count), nil, 0,
                NI_NUMERICHOST)
            let numeric = String(
                decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
            guard code == 0, let address = try? SocketAddress(ipAddress: numeric, port: port) else {
                continue
            }
            if !found.contains(address) { found.append(address) }
        }
        guard !found.isEmpty else {
            throw NetError(
                .connectFailed, "no address for \(host): check the endpoint and DNS",
                isSafeToRetry: true)
        }
        return found
    }
}
