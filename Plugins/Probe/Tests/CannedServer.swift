import Foundation
import Glibc
import Synchronization

/// A server on loopback that answers each connection with what `answer` makes of the first bytes,
/// until it is released.
final class CannedServer: Sendable {
    let port: Int
    private let socket: Int32
    private let seen = Mutex<[String]>([])

    var requests: [String] { seen.withLock { $0 } }

    /// - Parameter answer: `nil`: nothing, and the connection stays open.
    init(greeting: String? = nil, _ answer: @escaping @Sendable (String) -> String?) throws {
        let listener = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(INADDR_LOOPBACK).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe _ = Glibc.bind(listener, $0, length)
                unsafe _ = getsockname(listener, $0, &length)
            }
        }
        listen(listener, 16)
        socket = listener
        port = Int(UInt16(bigEndian: address.sin_port))
        // Strong references end with the socket.
        let serve: @Sendable () -> Void = { [seen = Recorder(self)] in
            while true {
                let connection = accept(listener, nil, nil)
                guard connection >= 0 else { return }
                CannedServer.serve(connection, greeting, seen, answer)
            }
        }
        Thread.detachNewThread(serve)
    }

    deinit {
        shutdown(socket, Int32(SHUT_RDWR))
        close(socket)
    }

    private final class Recorder: Sendable {
        private weak let server: CannedServer?
        init(_ server: CannedServer) { self.server = server }
        func note(_ request: String) { server?.seen.withLock { $0.append(request) } }
    }

    private static func serve(
        _ connection: Int32, _ greeting: String?, _ seen: Recorder,
        _ answer: @escaping @Sendable (String) -> String?
    ) {
        Thread.detachNewThread {
            defer { close(connection) }
            if let greeting {
                unsafe _ = send(connection, greeting, greeting.utf8.count, Int32(MSG_NOSIGNAL))
            }
            var buffer = [UInt8](repeating: 0, count: 4096)
            while true {
                let count = unsafe recv(connection, &buffer, buffer.count, 0)
                guard count > 0 else { return }
                let request = String(decoding: buffer[..<count], as: UTF8.self)
                seen.note(request)
                guard let text = answer(request) else { continue }
                unsafe _ = send(connection, text, text.utf8.count, Int32(MSG_NOSIGNAL))
                // What a client of HTTP takes for the end.
                if text.hasPrefix("HTTP/") { return }
            }
        }
    }
}

/// A port on which nothing listens.
func closedPort() -> Int {
    let probe = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(probe) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = in_addr_t(INADDR_LOOPBACK).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    unsafe withUnsafeMutablePointer(to: &address) { pointer in
        unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            unsafe _ = Glibc.bind(probe, $0, length)
            unsafe _ = getsockname(probe, $0, &length)
        }
    }
    return Int(UInt16(bigEndian: address.sin_port))
}
