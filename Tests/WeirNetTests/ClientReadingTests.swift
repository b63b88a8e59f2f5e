import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import WeirNet

/// What those need who read from servers: limits for each answer, bodies as they come, an end.
@Suite struct ClientReadingTests {
    private final class Chunks: Sendable {
        let all = Mutex<[String]>([])
        var joined: String { all.withLock { $0.joined() } }
    }

    @Test(
        arguments: [
            ("content-length: 11\r\n\r\nhello world", 10, nil),
            ("content-length: 11\r\n\r\nhello world", 11, "hello world"),
            // Announced and never sent: it is not waited for.
            ("content-length: 1000000\r\n\r\n", 999_999, nil),
            (
                "transfer-encoding: chunked\r\n\r\n6\r\nhello \r\n5\r\nworld\r\n0\r\n\r\n", 11,
                "hello world"
            ),
            ("transfer-encoding: chunked\r\n\r\n6\r\nhello \r\n5\r\nworld\r\n", 10, nil),
            ("connection: close\r\n\r\nhello world", 10, nil),
            ("connection: close\r\n\r\nhello world", Int.max, "hello world"),
        ] as [(String, Int, String?)])
    func bodyLimit(answer: String, limit: Int, body: String?) throws {
        let server = try ScriptedServer { _, connection in
            connection.say("HTTP/1.1 200 OK\r\n\(answer)")
            if answer.hasPrefix("connection: close") { connection.close(promise: nil) }
        }
        defer { server.stop() }
        let client = try scriptedClient(server.url)
        defer { try? client.close().wait() }
        let result = client.call(get { $0.maxBody = limit })
        #expect(result.response.map { String(buffer: $0.body) } == body)
        guard body == nil else { return }
        #expect(result.error?.kind == .tooLarge)
        #expect(result.error?.message.contains("larger than \(limit) bytes") == true)
        try server.firstClosed.wait()
    }

    /// No limit is not asked for: what cannot be held whole is refused, and nothing is overrun.
    @Test func aBodyThatNoMemoryHolds() throws {
        let server = try ScriptedServer { _, connection in
            connection.say("HTTP/1.1 200 OK\r\ncontent-length: 9223372036854775807\r\n\r\nx")
        }
        defer { server.stop() }
        let client = try scriptedClient(server.url)
        defer { try? client.close().wait() }
        let error = try #require(client.call(get { $0.maxBody = .max }).error)
        #expect(error.kind == .tooLarge)
        #expect(error.message.contains("larger than 1073741824 bytes"))
    }

    @Test func chunksComeBeforeTheReply() throws {
        let chunks = Chunks()
        let server = try ScriptedServer { _, connection in
            connection.say("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\none\r\n")
        }
        defer { server.stop() }
        let client = try scriptedClient(server.url)
        defer { try? client.close().wait() }
        let (first, reply) = (
            testGroup.next().makePromise(of: Void.self),
            testGroup.next().makePromise(of: ClientResult.self)
        )
        let request = get {
            $0.onChunk = { bytes in
                let count = chunks.all.withLock {
                    $0.append(String(buffer: bytes))
                    return $0.count
                }
                if count == 1 { first.succeed() }
            }
        }
        let call = client.send(request) { reply.succeed($0) }
        try first.futureResult.wait()
        #expect(chunks.joined == "one")
        // Only now does the server go on: the rest comes while the request is under way.
        call.eventLoop.execute {}
        server.sayToAll("3\r\ntwo\r\n0\r\n\r\n")
        let response = try reply.futureResult.wait().get()
        #expect(chunks.joined == "onetwo")
        #expect(response.body.readableBytes == 0)
        #expect(response.wireBytes == 6)
    }

    @Test func whatIsNotGoodIsWholeInTheReply() throws {
        let server = try ScriptedServer { _, connection in
            connection.answer("410 Gone", "too old resource version")
        }
        defer { server.stop() }
        let client = try scriptedClient(server.url)
        defer { try? client.close().wait() }
        let chunks = Chunks()
        let request = get {
            $0.onChunk = { bytes in chunks.all.withLock { $0.append(String(buffer: bytes)) } }
        }
        let response = try client.call(request).get()
        #expect(response.status == 410)
        #expect(String(buffer: response.body) == "too old resource version")
        #expect(chunks.joined.isEmpty)
    }

    @Test func anEndlessAnswerEndsAtTheDeadline() throws {
        let server = try ScriptedServer { _, connection in
            connection.say("HTTP/1.1 200 OK\r\n\r\n")
            @Sendable func more() {
                guard connection.isActive else { return }
                connection.say("x")
                connection.eventLoop.scheduleTask(in: .milliseconds(1)) { more() }
            }
            more()
        }
        defer { server.stop() }
        let client = try scriptedClient(server.url)
        defer { try? client.close().wait() }
        for isStreamed in [false, true] {
            let request = get {
                $0.timeout = .milliseconds(60)
                if isStreamed { $0.onChunk = { _ in } }
            }
            #expect(client.call(request).error?.kind == .timeout)
        }
        try server.firstClosed.wait()
    }

    @Test func aStreamCanBeCancelled() throws {
        let server = try ScriptedServer { _, connection in
            connection.say("HTTP/1.1 200 OK\r\n\r\nfirst")
        }
        defer { server.stop() }
        let client = try scriptedClient(server.url)
        defer { try? client.close().wait() }
        let (first, reply) = (
            testGroup.next().makePromise(of: Void.self),
            testGroup.next().makePromise(of: ClientResult.self)
        )
        let call = client.send(get { $0.onChunk = { _ in first.succeed() } }) { reply.succeed($0) }
        try first.futureResult.wait()
        call.cancel()
        #expect(try reply.futureResult.wait().error?.kind == .cancelled)
        try server.firstClosed.wait()
    }

    /// Whoever gets a piece of the body may have had enough: the connection ends within that call.
    @Test func aStreamCanBeCancelledFromWithin() throws {
        let server = try ScriptedServer { _, connection in
            connection.say("HTTP/1.1 200 OK\r\n\r\n")
            @Sendable func more() {
                guard connection.isActive else { return }
                connection.say("x")
                connection.eventLoop.scheduleTask(in: .milliseconds(1)) { more() }
            }
            more()
        }
        defer { server.stop() }
        let client = try scriptedClient(server.url)
        defer { try? client.close().wait() }
        let sent = Mutex<ClientCall?>(nil)
        let reply = testGroup.next().makePromise(of: ClientResult.self)
        let request = get { $0.onChunk = { _ in sent.withLock { $0 }?.cancel() } }
        let call = client.send(request) { reply.succeed($0) }
        sent.withLock { $0 = call }
        #expect(try reply.futureResult.wait().error?.kind == .cancelled)
        try server.firstClosed.wait()
    }

    /// A megabyte of the same byte in gzip, zstd, and what comes when nobody asked.
    @Test(arguments: [ContentEncoding.gzip, .zstd])
    func compressedAnswers(encoding: ContentEncoding) throws {
        let plain = ByteBuffer(repeating: 7, count: 1 << 20)
        let packed = Compressor().compress([plain], encoding: encoding)
        let server = try ScriptedServer { _, connection in
            connection.write(
                ByteBuffer(
                    string:
                        "HTTP/1.1 200 OK\r\ncontent-encoding: \(encoding)\r\ncontent-length: \(packed.readableBytes)\r\n\r\n"
                ), promise: nil)
            connection.writeAndFlush(packed, promise: nil)
        }
        defer { server.stop() }
        let client = try scriptedClient(server.url)
        defer { try? client.close().wait() }
        let response = try client.call(get { $0.acceptsCompressed = true }).get()
        #expect(response.body == plain)
        #expect(response.wireBytes == packed.readableBytes)
        #expect(server.requests[0].header("accept-encoding")?.hasPrefix("gzip") == true)
        // The limit is on what is unpacked.
        let limited = get { $0.maxBody = 1 << 20 - 1 }
        #expect(client.call(limited).error?.kind == .tooLarge)
        #expect(server.requests[1].header("accept-encoding") == nil)
        // A stream gets it whole.
        let chunks = Mutex(0)
        let streamed = try client.call(
            get { $0.onChunk = { bytes in chunks.withLock { $0 += bytes.readableBytes } } }
        ).get()
        #expect(chunks.withLock { $0 } == 1 << 20)
        #expect(streamed.body.readableBytes == 0)
    }

    @Test(
        arguments: [
            ("gzip", "is not valid gzip"), ("br", "has content-encoding br: expected one of gzip"),
        ])
    func answersThatCannotBeUnpackedFail(encoding: String, text: String) throws {
        let server = try ScriptedServer { _, connection in
            connection.answer("200 OK", "garbage", "content-encoding: \(encoding)")
        }
        defer { server.stop() }
        let client = try scriptedClient(server.url)
        defer { try? client.close().wait() }
        let error = try #require(client.call(get()).error)
        #expect(error.kind == .protocolViolation)
        #expect(error.message.contains(text))
    }

    @Test func aSlowAnswerHoldsUpNoOther() throws {
        let server = try ScriptedServer { head, connection in
            if head.requestLine.contains("/fast") { connection.answer("200 OK", "fast") }
        }
        defer { server.stop() }
        let client = try scriptedClient(server.url)
        let slow = testGroup.next().makePromise(of: ClientResult.self)
        client.send(get("/slow")) { slow.succeed($0) }
        for _ in 0..<3 {
            #expect(client.call(get("/fast")).response.map { String(buffer: $0.body) } == "fast")
        }
        try client.close().wait()
        #expect(try slow.futureResult.wait().error != nil)
    }

    @Test func whatOnlyAsksHasNoBody() throws {
        let server = try ScriptedServer { _, connection in connection.answer() }
        defer { server.stop() }
        let client = try scriptedClient(server.url) { $0.compression = .gzip }
        defer { try? client.close().wait() }
        _ = try client.call(get("/q?a=b")).get()
        _ = try client.call(ClientRequest(path: "/p", parts: [])).get()
        let (asked, posted) = (server.requests[0], server.requests[1])
        #expect(asked.requestLine == "GET /q?a=b HTTP/1.1")
        for name in ["content-type", "content-length", "content-encoding", "accept-encoding"] {
            #expect(asked.header(name) == nil, "\(name)")
        }
        #expect(posted.header("content-length") == "0")
        #expect(posted.header("content-encoding") == nil)
    }

    /// Servers close idle connections when they like, also just as a request arrives.
    @Test func aConnectionThatWasClosedForIdlenessIsReplaced() throws {
        let seen = Counter()
        let server = try ScriptedServer { _, connection in
            if seen.next() % 2 == 1 { return connection.answer() }
            connection.close(promise: nil)
        }
        defer { server.stop() }
        let loop = testGroup.next()
        func call(_ client: HTTPClient, _ request: ClientRequest) throws -> ClientResult {
            let promise = loop.makePromise(of: ClientResult.self)
            client.send(request, on: loop) { promise.succeed($0) }
            return try promise.futureResult.wait()
        }
        let client = try scriptedClient(server.url)
        defer { try? client.close().wait() }
        #expect(try call(client, get()).response?.status == 200)
        // Request 2 is lost with its connection, 3 is the same on a new one.
        #expect(try call(client, get()).response?.status == 200)
        #expect(server.requests.count == 3)
        #expect(server.connectionCount == 2)
        // What changes something is not sent twice.
        let posted = try call(client, ClientRequest(path: "/", parts: [ByteBuffer(string: "x")]))
        #expect(posted.error?.kind == .closed)
        #expect(server.requests.count == 4)
    }

    private final class Counter: Sendable {
        let value = Atomic<Int>(0)
        func next() -> Int { value.add(1, ordering: .relaxed).newValue }
    }

    /// A target that comes back is seen at once; only what is pushed waits.
    @Test func whatOnlyAsksTriesEachTime() throws {
        let server = try ScriptedServer { _, connection in connection.answer() }
        let port = server.port
        server.stop()
        let client = try scriptedClient("http://127.0.0.1:\(port)") {
            $0.initialBackoff = .hours(1)
            $0.maxBackoff = .hours(1)
        }
        defer { try? client.close().wait() }
        #expect(client.call(get()).error?.kind == .connectFailed)
        let again = try ServerBootstrap(group: testGroup)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.say("HTTP/1.1 204 No Content\r\n\r\n")
                return channel.eventLoop.makeSucceededVoidFuture()
            }.bind(host: "127.0.0.1", port: port).wait()
        defer { try? again.close().wait() }
        #expect(client.call(get()).response?.status == 204)
    }

    /// One client for each target of a scraper.
    @Test func aThousandClientsAreCheap() throws {
        let before = residentBytes()
        var clients: [HTTPClient] = []
        for port in 1...1000 {
            clients.append(
                try scriptedClient("https://127.0.0.1:\(port)") {
                    $0.tls.caFile = Certificates.shared.path("ca.pem")
                })
        }
        let each = (residentBytes() - before) / 1000
        // Some eight kilobytes, and what other tests take meanwhile.
        #expect(each < 64 << 10, "\(each) bytes each")
        for client in clients { try client.close().wait() }
    }
}

extension ScriptedServer {
    func sayToAll(_ text: String) { for connection in connections { connection.say(text) } }
}
