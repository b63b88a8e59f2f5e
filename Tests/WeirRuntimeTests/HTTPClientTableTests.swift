import CWeir
import NIOCore
import NIOPosix
import Synchronization
import Testing
import WeirJSON
import WeirConfig
import WeirNet

@testable import WeirRuntime

/// weir/ext/http_client.h as a plugin calls it, against a real server.
@Suite struct HTTPClientTableTests {
    private final class Seen: Sendable {
        struct State: Sendable {
            var chunks: [String] = []
            var reply:
                (status: weir_status, flags: UInt32, code: UInt32, body: String, wire: UInt64)?
            var headers: [String] = []
        }
        let state = Mutex(State())
        let (chunked, replied) = (
            MultiThreadedEventLoopGroup.singleton.next().makePromise(of: Void.self),
            MultiThreadedEventLoopGroup.singleton.next().makePromise(of: Void.self)
        )
        private let hadChunk = Atomic<Bool>(false)

        static func of(_ context: UnsafeMutableRawPointer?) -> Seen {
            Unmanaged<Seen>.fromOpaque(context!).takeUnretainedValue()
        }

        static let chunk: @convention(c) (UnsafeMutableRawPointer?, weir_slice) -> Void = {
            let (seen, text) = (of($0), $1.string)
            seen.state.withLock { $0.chunks.append(text) }
            if !seen.hadChunk.exchange(true, ordering: .relaxed) { seen.chunked.succeed() }
        }

        static let reply:
            @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<weir_reply>?) -> Void = {
                let (seen, raw) = (of($0), $1!.pointee)
                let headers = UnsafeBufferPointer(start: raw.headers, count: raw.header_count)
                    .map { "\($0.name.string)=\($0.value.string)" }
                let reply = (
                    raw.status, raw.flags, raw.code,
                    raw.status == Status.ok ? raw.body.string : raw.message.string, raw.wire_bytes
                )
                seen.state.withLock { ($0.reply, $0.headers) = (reply, headers) }
                if !seen.hadChunk.exchange(true, ordering: .relaxed) { seen.chunked.succeed() }
                seen.replied.succeed()
            }
    }

    private final class Handler: ServerHandler {
        private let held = Mutex<[ServerExchange]>([])

        func receive(_ exchange: ServerExchange) {
            // Held until the server goes: one that is released answers 500.
            if exchange.path == "/never" { return held.withLock { $0.append(exchange) } }
            exchange.respond(
                status: 200, headers: [("x-path", exchange.path)],
                body: ByteBuffer(string: exchange.header("authorization") ?? "hello"))
        }
    }

    private func run(
        _ path: String, settings: String = "", chunks: Bool = false, maxBody: UInt64 = 0,
        cancels: Bool = false
    ) throws -> Seen.State {
        let group = MultiThreadedEventLoopGroup.singleton
        var options = ServerOptions(endpoint: .tcp(host: "127.0.0.1", port: 0))
        options.allowsGRPC = false
        let server = HTTPServer(options: options, group: group, handler: Handler())
        let bound = try server.start().wait()
        defer { try? server.close().wait() }
        let component = ScriptedComponent(kind: .receiver)
        try component.instance.create(settings: [])
        let table = HostExtensions.find(WEIR_EXT_HTTP_CLIENT)!
            .assumingMemoryBound(to: weir_http_client.self).pointee
        var error = weir_error.make()
        var client: OpaquePointer?
        var text = #"{"endpoint": "http://\#(bound)"\#(settings)}"#
        let status = text.withUTF8 {
            table.open(
                component.host, weir_slice($0), UInt32(WEIR_PROTOCOL_HTTP), &client, &error)
        }
        #expect(status == Status.ok, "\(error.text)")
        let seen = Seen()
        var (method, path) = ("GET", path)
        method.withUTF8 { method in
            path.withUTF8 { path in
                var request = weir_client_request()
                request.size = UInt32(MemoryLayout<weir_client_request>.size)
                request.method = weir_slice(method)
                request.path = weir_slice(path)
                request.max_body = maxBody
                request.id = 5
                if chunks { request.chunk = Seen.chunk }
                _ = table.send(
                    component.host, client, &request, Seen.reply,
                    Unmanaged.passUnretained(seen).toOpaque(), &error)
            }
        }
        if cancels {
            table.cancel(component.host, client, 4)
            table.cancel(component.host, client, 5)
        }
        try seen.replied.futureResult.wait()
        table.cancel(component.host, client, 5)
        table.close(component.host, client)
        try component.instance.destroy()
        return seen.state.withLock { $0 }
    }

    @Test func wholeAnswers() throws {
        let seen = try run("/a?b")
        #expect(seen.reply?.status == Status.ok && seen.reply?.code == 200)
        #expect(seen.reply?.body == "hello" && seen.reply?.wire == 5)
        #expect(seen.headers.contains("x-path=/a"))
        #expect(seen.chunks.isEmpty)
    }

    @Test func chunksAndLimits() throws {
        let streamed = try run("/a", chunks: true)
        #expect(streamed.chunks.joined() == "hello" && streamed.reply?.body == "")
        #expect(streamed.reply?.wire == 5)
        let over = try run("/a", maxBody: 4)
        #expect(over.reply?.status == Status.refused)
        #expect(over.reply?.flags == UInt32(WEIR_REPLY_TOO_LARGE))
    }

    @Test func cancelling() throws {
        let seen = try run("/never", cancels: true)
        #expect(seen.reply?.status == Status.cancelled)
        #expect(seen.reply?.body == "the request was cancelled")
    }

    @Test(
        arguments: [
            (#", "auth": {"basic": {"username": "u", "password": "p"}}"#, "Basic dTpw"),
            (#", "auth": {"authorization": {"credentials": "t"}}"#, "Bearer t"),
            (#", "auth": {"authorization": {"type": "Token", "credentials": "t"}}"#, "Token t"),
            (#", "auth": {"basic": null}"#, "hello"), (#", "auth": null"#, "hello"),
        ])
    func credentials(settings: String, header: String) throws {
        #expect(try run("/a", settings: settings).reply?.body == header)
    }

    @Test(
        arguments: [
            (#"{"auth": {"basic": {}, "authorization": {}}}"#, "auth has both"),
            (#"{"auth": {"authorization": {}}}"#, "has no credentials"),
            (
                #"{"auth": {"basic": {"password": "p", "password_file": "f"}}}"#,
                "auth.basic has both password and password_file"
            ),
            (#"{"proxy_url": "socks5://p:1"}"#, "expected http://host:port"),
        ])
    func settingsThatCannotWork(settings: String, text: String) throws {
        let json = try JSONValue(parsing: settings)
        let error = #expect(throws: NetError.self) {
            _ = try ClientOptions(
                settings: .object(
                    [JSONMember("endpoint", .string("http://h"))] + (json.objectValue ?? [])),
                grpc: false)
        }
        #expect(error?.message.contains(text) == true, "\(error?.message ?? "none")")
    }
}
