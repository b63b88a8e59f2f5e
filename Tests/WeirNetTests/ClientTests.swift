import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import WeirNet

@Suite struct ClientTests {
    /// A server that answers each connection with fixed bytes, and counts them.
    private final class Canned: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer
        let answer: [UInt8]
        let closes: Bool
        init(_ answer: [UInt8], closes: Bool) {
            self.answer = answer
            self.closes = closes
        }
        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let channel = context.channel
            let written = context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: answer)))
            if closes { written.whenComplete { _ in channel.close(promise: nil) } }
        }
    }

    private func canned(
        _ answer: [UInt8], closes: Bool = false, _ body: (Int, borrowing Atomic<Int>) throws -> Void
    ) throws {
        final class Counter: Sendable { let value = Atomic<Int>(0) }
        let accepted = Counter()
        let channel = try ServerBootstrap(group: testGroup).childChannelInitializer { channel in
            accepted.value.wrappingAdd(1, ordering: .relaxed)
            return channel.pipeline.addHandler(Canned(answer, closes: closes))
        }.bind(host: "127.0.0.1", port: 0).wait()
        defer { try? channel.close().wait() }
        try body(channel.localAddress!.port!, accepted.value)
    }

    private func client(
        _ port: Int, _ version: ClientOptions.Version,
        _ configure: (inout ClientOptions) -> Void = { _ in }
    ) throws -> HTTPClient {
        var options = ClientOptions(
            target: try TargetURL(parsing: "http://127.0.0.1:\(port)"), version: version)
        configure(&options)
        return try HTTPClient(options: options, group: testGroup)
    }

    private let request = ClientRequest(path: "/s/m", parts: [ByteBuffer(string: "x")])

    @Test(arguments: ClientOptions.Version.allCases)
    func refusedConnection(version: ClientOptions.Version) throws {
        // A port that was free a moment ago.
        let fixture = try ServerFixture()
        let port = fixture.port
        try fixture.stop()
        let client = try client(port, version)
        defer { try? client.close().wait() }
        let error = try #require(client.call(request).error)
        #expect(error.kind == .connectFailed)
        #expect(error.isSafeToRetry)
        #expect(
            error.message
                == "cannot connect to 127.0.0.1:\(port): connection refused: is the server running, and is this its port?"
        )
    }

    @Test func reconnectsAfterBackoff() throws {
        var backoff = ConnectBackoff()
        let options = ClientOptions(target: try TargetURL(parsing: "http://a:1"), version: .grpc)
        var now = NIODeadline.uptimeNanoseconds(0)
        let error = NetError(.connectFailed, "no")
        var waits: [Int64] = []
        for _ in 0..<10 {
            backoff.failed(error, options, now: now)
            #expect(backoff.refusal(now: now) != nil)
            var wait: Int64 = 0
            while backoff.refusal(now: now + .milliseconds(wait)) != nil { wait += 1 }
            waits.append(wait)
            now = now + .milliseconds(wait)
        }
        for (index, base) in [100, 200, 400, 800, 1600, 3200, 6400, 10000, 10000, 10000]
            .enumerated()
        {
            #expect((base...base * 12 / 10 + 1).contains(Int(waits[index])), "\(waits)")
        }
        backoff.succeeded()
        #expect(backoff.refusal(now: now) == nil)
    }

    @Test func unresolvableAndMissingSocket() throws {
        let unix = try HTTPClient(
            options: ClientOptions(
                target: try TargetURL(parsing: "unix:/tmp/weir-no-such.sock"), version: .http1),
            group: testGroup)
        defer { try? unix.close().wait() }
        #expect(
            unix.call(request).error?.message.contains("the socket file does not exist") == true)
    }

    @Test(arguments: ClientOptions.Version.allCases)
    func deadline(version: ClientOptions.Version) throws {
        let fixture = try ServerFixture()
        defer { try? fixture.stop() }
        let client = try fixture.client(version) { $0.timeout = .milliseconds(500) }
        defer { try? client.close().wait() }
        let error = try #require(
            client.call(ClientRequest(path: "/s/hold", parts: [ByteBuffer()])).error)
        #expect(error.kind == .timeout)
        #expect(error.message.contains("within 500 ms"))
        // The connection, or another one, serves the next request.
        #expect(client.call(request).response?.status == 200)
        fixture.handler.releaseHeld { $0.respond(status: 200) }
    }

    @Test(arguments: ClientOptions.Version.allCases)
    func cancel(version: ClientOptions.Version) throws {
        let fixture = try ServerFixture()
        defer { try? fixture.stop() }
        let client = try fixture.client(version)
        defer { try? client.close().wait() }
        let holding = fixture.handler.whenHolding(1)
        let promise = testGroup.next().makePromise(of: ClientResult.self)
        let call = client.send(ClientRequest(path: "/s/hold", parts: [ByteBuffer()])) {
            promise.succeed($0)
        }
        try holding.wait()
        call.cancel()
        call.cancel()
        #expect(try promise.futureResult.wait().error?.kind == .cancelled)
        fixture.handler.releaseHeld { $0.respond(status: 200) }
    }

    @Test func staysOnTheCallersLoop() throws {
        let fixture = try ServerFixture()
        defer { try? fixture.stop() }
        let client = try fixture.client(.grpc)
        defer { try? client.close().wait() }
        for loop in testGroup.makeIterator() {
            let promise = loop.makePromise(of: Bool.self)
            loop.execute {
                client.send(request) { _ in promise.succeed(loop.inEventLoop) }
            }
            #expect(try promise.futureResult.wait())
        }
    }

    @Test func http1AnswerToAnHTTP2Client() throws {
        let answer = "HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n"
        try canned(Array(answer.utf8)) { port, _ in
            let client = try client(port, .grpc)
            defer { try? client.close().wait() }
            let error = try #require(client.call(request).error)
            #expect(error.kind == .protocolMismatch)
            #expect(error.message.contains("use the otlphttp sink"))
        }
    }

    @Test func http2AnswerToAnHTTP1Client() throws {
        try canned(TestFrame.settings.bytes) { port, _ in
            let client = try client(port, .http1)
            defer { try? client.close().wait() }
            let error = try #require(client.call(request).error)
            #expect(error.kind == .protocolMismatch)
            #expect(error.message.contains("use the otlp sink"))
        }
    }

    @Test func tlsAnswer() throws {
        try canned([0x15, 3, 3, 0, 2, 2, 10]) { port, _ in
            let client = try client(port, .grpc)
            defer { try? client.close().wait() }
            #expect(client.call(request).error?.message.contains("speaks TLS") == true)
        }
    }

    @Test func requestsAfterGoAwayGoToANewConnectionOnce() throws {
        // Takes no stream at all: each connection is told so, then closed.
        let goAway = TestFrame(type: 7, payload: [UInt8](repeating: 0, count: 8))
        try canned(TestFrame.settings.bytes + goAway.bytes, closes: true) { port, accepted in
            let client = try client(port, .grpc)
            defer { try? client.close().wait() }
            let error = try #require(client.call(request).error)
            #expect(error.isSafeToRetry)
            #expect(error.kind == .closed)
            #expect((1...2).contains(accepted.load(ordering: .relaxed)))
        }
    }

    @Test func answersOverTheLimit() throws {
        let fixture = try ServerFixture()
        defer { try? fixture.stop() }
        for version in ClientOptions.Version.allCases {
            let client = try fixture.client(version) { $0.maxResponseBytes = 1000 }
            let body = ByteBuffer(repeating: 1, count: 100_000)
            let error = client.call(ClientRequest(path: "/s/m", parts: [body])).error
            #expect(error?.kind == .tooLarge, "\(version)")
            #expect(client.call(request).response?.status == 200)
            try client.close().wait()
        }
    }

    @Test func http1ConnectionsAreReusedAndBounded() throws {
        let fixture = try ServerFixture()
        defer { try? fixture.stop() }
        let client = try fixture.client(.http1) { $0.maxConnections = 3 }
        defer { try? client.close().wait() }
        let loop = testGroup.next()
        let results = (0..<100).map { index -> EventLoopFuture<ClientResult> in
            let promise = loop.makePromise(of: ClientResult.self)
            client.send(
                ClientRequest(path: "/\(index)", parts: [ByteBuffer(string: "\(index)")]), on: loop
            ) {
                promise.succeed($0)
            }
            return promise.futureResult
        }
        for (index, result) in results.enumerated() {
            #expect(String(buffer: try result.wait().get().body) == "\(index)")
        }
        #expect(fixture.server.counters.snapshot.connections <= 3)
    }

    @Test func closedClientRefuses() throws {
        let fixture = try ServerFixture()
        defer { try? fixture.stop() }
        let client = try fixture.client(.grpc)
        #expect(client.call(request).response != nil)
        try client.close().wait()
        #expect(client.call(request).error?.kind == .closed)
    }

    /// What comes from elsewhere, a token from a file, begins no other header and no other request.
    @Test(arguments: [ClientOptions.Version.http1, .http2])
    func nothingIsSlippedIn(version: ClientOptions.Version) throws {
        let fixture = try ServerFixture()
        defer { try? fixture.stop() }
        let client = try fixture.client(version)
        defer { try? client.close().wait() }
        let requests = [
            ClientRequest(path: "/a b", parts: []), ClientRequest(path: "/a\r\nx: y", parts: []),
            ClientRequest(method: "GET /x", path: "/", parts: []),
            ClientRequest(path: "/", headers: [("x-token", "geheim\r\nx: y")], parts: []),
            ClientRequest(path: "/", headers: [("x-token: a\r\nx", "y")], parts: []),
            ClientRequest(path: "/", contentType: "a\nb", parts: []),
        ]
        for request in requests {
            let error = try #require(client.call(request).error)
            #expect(error.kind == .configuration && !error.message.contains("geheim"))
        }
        #expect(fixture.handler.log.withLock { $0.paths } == [])
        let good = ClientRequest(path: "/ü?a=b%20c", headers: [("x-a", "b\tc ü")], parts: [])
        #expect(client.call(good).response?.status == 200)
    }

    @Test func headersAndPathPrefixArrive() throws {
        let fixture = try ServerFixture()
        defer { try? fixture.stop() }
        for version in [ClientOptions.Version.http1, .http2] {
            let client = try fixture.client(version) {
                $0.target = try! TargetURL(parsing: "http://127.0.0.1:\(fixture.port)/base")
                $0.headers = [("x-tenant", "blue")]
            }
            #expect(
                client.call(ClientRequest(path: "/v1/traces", parts: [])).response?.status == 200)
            try client.close().wait()
        }
        #expect(
            fixture.handler.log.withLock { $0.paths } == ["/base/v1/traces", "/base/v1/traces"])
    }
}
