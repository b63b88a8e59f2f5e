import Foundation
import Glibc
import Synchronization
import WeirTestKit

/// A server on loopback that answers each connection with what `answer` makes of the first bytes,
/// until it is released.
final class CannedServer: Sendable {
    private let socket = LoopbackSocket()
    private let seen = Mutex<[String]>([])

    var port: Int { socket.port }
    var requests: [String] { seen.withLock { $0 } }

    /// - Parameter answer: `nil`: nothing, and the connection stays open.
    init(greeting: String? = nil, _ answer: @escaping @Sendable (String) -> String?) throws {
        // Strong references end with the socket.
        let listener = socket.descriptor
        let serve: @Sendable () -> Void = { [seen = Recorder(self)] in
            while true {
                let connection = accept(listener, nil, nil)
                guard connection >= 0 else { return }
                CannedServer.serve(connection, greeting, seen, answer)
            }
        }
        Thread.detachNewThread(serve)
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
