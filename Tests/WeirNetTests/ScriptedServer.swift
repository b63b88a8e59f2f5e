import Glibc
import NIOCore
import NIOPosix
import Synchronization

@testable import WeirNet

/// An HTTP/1.1 server that answers each request with what a closure writes.
final class ScriptedServer: Sendable {
    typealias Answer = @Sendable (_ head: String, _ connection: any Channel) -> Void

    private struct State: Sendable {
        var requests: [String] = []
        var connections: [any Channel] = []
    }

    private let channel: any Channel
    private let state: Box

    private final class Box: Sendable { let state = Mutex(State()) }

    init(_ answer: @escaping Answer) throws {
        let box = Box()
        state = box
        channel = try ServerBootstrap(group: testGroup)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                box.state.withLock { $0.connections.append(channel) }
                return channel.pipeline.addHandler(
                    Reader { head, channel in
                        box.state.withLock { $0.requests.append(head) }
                        answer(head, channel)
                    })
            }.bind(host: "127.0.0.1", port: 0).wait()
        port = channel.localAddress!.port!
    }

    let port: Int
    var url: String { "http://127.0.0.1:\(port)" }
    /// The heads of all requests, in order.
    var requests: [String] { state.state.withLock { $0.requests } }
    var connectionCount: Int { state.state.withLock { $0.connections.count } }
    var connections: [any Channel] { state.state.withLock { $0.connections } }
    /// When the first connection is gone.
    var firstClosed: EventLoopFuture<Void> {
        state.state.withLock { $0.connections[0].closeFuture }
    }

    func stop() {
        try? channel.close().wait()
        for connection in state.state.withLock({ $0.connections }) {
            connection.close(promise: nil)
        }
    }

    /// Waits for the end of a head; bodies are taken with it, as far as they are there.
    private final class Reader: ChannelInboundHandler, @unchecked Sendable {
        // Confined to its event loop.
        typealias InboundIn = ByteBuffer
        private let answer: Answer
        private var read = ""

        init(_ answer: @escaping Answer) { self.answer = answer }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            read += String(buffer: unwrapInboundIn(data))
            guard read.contains("\r\n\r\n") else { return }
            let head = read
            read = ""
            answer(head, context.channel)
        }
    }
}

extension Channel {
    func say(_ text: String) { writeAndFlush(ByteBuffer(string: text), promise: nil) }

    func answer(_ status: String = "200 OK", _ body: String = "", _ headers: String...) {
        let fields = headers.map { "\($0)\r\n" }.joined()
        say("HTTP/1.1 \(status)\r\ncontent-length: \(body.utf8.count)\r\n\(fields)\r\n\(body)")
    }
}

extension String {
    /// The value of a header in a request's head.
    func header(_ name: String) -> String? {
        for line in split(separator: "\r\n") where line.lowercased().hasPrefix("\(name): ") {
            return String(line.dropFirst(name.count + 2))
        }
        return nil
    }

    var requestLine: String { String(prefix { $0 != "\r\n" }) }
}

/// A client of a scripted server.
func scriptedClient(
    _ url: String, _ configure: (inout ClientOptions) -> Void = { _ in }
) throws -> HTTPClient {
    var options = ClientOptions(target: try TargetURL(parsing: url), version: .http1)
    configure(&options)
    return try HTTPClient(options: options, group: testGroup)
}

func get(
    _ path: String = "/", _ configure: (inout ClientRequest) -> Void = { _ in }
) -> ClientRequest {
    var request = ClientRequest(method: "GET", path: path, parts: [])
    configure(&request)
    return request
}

/// What the process has of memory.
func residentBytes() -> Int {
    let file = unsafe fopen("/proc/self/statm", "r")
    defer { unsafe fclose(file!) }
    var line = [CChar](repeating: 0, count: 200)
    _ = unsafe fgets(&line, 200, file)
    let pages = String(
        decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self
    )
    .split(separator: " ")[1]
    return Int(pages)! * Int(sysconf(Int32(_SC_PAGESIZE)))
}
