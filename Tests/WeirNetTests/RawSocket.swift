import Glibc

/// A blocking socket, for peers that break the rules.
///
/// `unsafe` here: the system's socket calls.
final class RawSocket: Sendable {
    private let descriptor: Int32

    /// - Parameter from: the address to come from.
    init(port: Int, from: String = "127.0.0.1") throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        if unsafe Self.call(bind, descriptor, from, 0) != 0 { throw Failure.connect(errno) }
        var limit = timeval(tv_sec: 10, tv_usec: 0)
        _ = unsafe setsockopt(
            descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        let result = unsafe Self.call(connect, descriptor, "127.0.0.1", port)
        if result != 0 { throw Failure.connect(errno) }
    }

    private static func call(
        _ function: (Int32, UnsafePointer<sockaddr>?, socklen_t) -> Int32, _ descriptor: Int32,
        _ host: String, _ port: Int
    ) -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = unsafe inet_addr(host)
        return unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe function(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    enum Failure: Error { case connect(Int32) }

    deinit { Glibc.close(descriptor) }

    func send(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes {
                unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count <= 0 { return }
            rest = rest.dropFirst(count)
        }
    }

    func send(_ text: String) { send(Array(text.utf8)) }

    func endSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// What comes until the peer closes, or until `isEnough` says so.
    func receive(until isEnough: ([UInt8]) -> Bool = { _ in false }) -> [UInt8] {
        var all: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        while !isEnough(all) {
            let count = unsafe chunk.withUnsafeMutableBytes {
                unsafe recv(descriptor, $0.baseAddress, $0.count, 0)
            }
            if count <= 0 { return all }
            all += chunk.prefix(count)
        }
        return all
    }

    /// The size of one read.
    func receiveSome() -> Int {
        var chunk = [UInt8](repeating: 0, count: 65536)
        return unsafe chunk.withUnsafeMutableBytes {
            unsafe recv(descriptor, $0.baseAddress, $0.count, 0)
        }
    }

    func receiveText(until mark: String? = nil) -> String {
        String(
            decoding: receive { bytes in
                mark.map { String(decoding: bytes, as: UTF8.self).contains($0) } ?? false
            }, as: UTF8.self)
    }
}
