import NIOCore
import NIOHPACK
import NIOPosix
import Synchronization
import Testing

@testable import WeirNet

/// What an attack from outside found, one test for each.
@Suite struct HostilePeerTests {
    private func head(_ fields: String, _ target: String = "/") -> String {
        "POST \(target) HTTP/1.1\r\nhost: a\r\n\(fields)\r\n"
    }

    // MARK: HTTP/2

    @Test func windowUpdatesThatFreeNothingAreBounded() throws {
        let fixture = try HTTP2Fixture()
        try fixture.send(.setting(4, 0))
        let transport = try #require(fixture.session.transport)
        for stream in stride(from: UInt32(1), through: 19, by: 2) {
            try fixture.send(.request(stream))
            transport.write(
                headers: HTTP2HeaderList([":status": "200"]), stream: stream, endStream: false)
            transport.write(data: ByteBuffer(string: "x"), stream: stream, endStream: true)
        }
        // The connection's window grows, those of the streams do not: each frame is work for nothing.
        for _ in 0..<50 {
            try fixture.send(
                [[UInt8]](repeating: TestFrame.windowUpdate(0, 1).bytes, count: 100)
                    .flatMap { $0 })
        }
        #expect(try fixture.verdict() == "goaway ENHANCE_YOUR_CALM")
    }

    @Test func windowUpdatesThatFreeSomethingAreNot() throws {
        let fixture = try HTTP2Fixture()
        try fixture.send(.setting(4, 0))
        let transport = try #require(fixture.session.transport)
        try fixture.send(.request(1), .request(3))
        for stream in [UInt32(1), 3] {
            transport.write(
                headers: HTTP2HeaderList([":status": "200"]), stream: stream, endStream: false)
            transport.write(
                data: ByteBuffer(repeating: 1, count: 5000), stream: stream, endStream: true)
        }
        var sent = 0
        for _ in 0..<5000 {
            try fixture.send(.windowUpdate(3, 1), .windowUpdate(1, 1))
            sent += try fixture.frames().filter { $0.type == 0 }.reduce(0) { $0 + $1.payload.count }
        }
        #expect(sent == 10000)
        #expect(!fixture.session.isClosed)
    }

    @Test func anAnsweredStreamIsNotReset() throws {
        let fixture = try HTTP2Fixture()
        try fixture.send(.request(1))
        let transport = try #require(fixture.session.transport)
        transport.write(headers: HTTP2HeaderList([":status": "200"]), stream: 1, endStream: true)
        transport.write(reset: .noError, stream: 1)
        transport.flush()
        #expect(try fixture.verdict() == "nothing")
    }

    @Test(arguments: [
        ("application/grpc", true), ("application/grpc+proto", true),
        ("application/grpc;x=y", true), ("application/grpc-web+proto", false),
        ("application/grpcx", false), ("application/x-protobuf", false),
    ])
    func grpcByContentType(type: String, isGRPC: Bool) {
        #expect(
            HTTP2RequestHead([":method": "POST", ":path": "/", "content-type": type]).isGRPC
                == isGRPC)
    }

    // MARK: HTTP/1.1

    /// Each is answered, and then waits for a body that never comes.
    @Test(arguments: [
        ("content-encoding: br\r\ncontent-length: 100\r\n", "415"),
        ("content-type: application/grpc\r\ncontent-length: 100\r\n", "505"),
    ])
    func refusedBodiesThatNeverComeAreNotAwaited(fields: String, status: String) throws {
        let fixture = try ServerFixture {
            $0.readHeaderTimeout = .milliseconds(80)
            $0.bodyTimeout = .milliseconds(80)
        }
        defer { try? fixture.stop() }
        let socket = try RawSocket(port: fixture.port)
        let start = ContinuousClock.now
        socket.send(head(fields) + "x")
        #expect(socket.receiveText().hasPrefix("HTTP/1.1 \(status) "))
        #expect(ContinuousClock.now - start < .seconds(5))
    }

    @Test func aRefusedExpectationEndsTheConnection() throws {
        let fixture = try ServerFixture()
        defer { try? fixture.stop() }
        let socket = try RawSocket(port: fixture.port)
        let start = ContinuousClock.now
        // The client sees the refusal and keeps its body: what follows is no body.
        socket.send(head("content-length: 3\r\nexpect: 100-continue\r\n", "/full"))
        let text = socket.receiveText()
        #expect(text.hasPrefix("HTTP/1.1 503 "))
        #expect(text.contains("connection: close\r\n"))
        #expect(ContinuousClock.now - start < .seconds(5))
    }

    @Test(arguments: [
        "POST / HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: h2c\r\ncontent-length: 1\r\n\r\nx",
        "CONNECT a:443 HTTP/1.1\r\nhost: a\r\n\r\n",
    ])
    func whatFollowsAnUpgradeIsNotLeftWaiting(request: String) throws {
        let fixture = try ServerFixture()
        defer { try? fixture.stop() }
        let socket = try RawSocket(port: fixture.port)
        let start = ContinuousClock.now
        socket.send(request + head("content-length: 0\r\n"))
        let text = socket.receiveText()
        #expect(text.hasPrefix("HTTP/1.1 200 "))
        #expect(text.contains("connection: close\r\n"))
        #expect(ContinuousClock.now - start < .seconds(5))
    }

    @Test(arguments: [
        ("http://a:4318/v1/traces", "/v1/traces"), ("HTTPS://a/v1/logs?x=y", "/v1/logs"),
        ("http://a", "/"), ("/http://a/", "/http://a/"), ("*", "*"),
    ])
    func absoluteForm(target: String, path: String) throws {
        let fixture = try ServerFixture()
        defer { try? fixture.stop() }
        let socket = try RawSocket(port: fixture.port)
        socket.send(head("content-length: 0\r\nconnection: close\r\n", target))
        #expect(socket.receiveText().hasPrefix("HTTP/1.1 200 "))
        #expect(fixture.handler.log.withLock { $0.paths } == [path])
    }

    @Test func aPeerThatNeverReadsItsLastAnswerIsClosed() throws {
        let fixture = try ServerFixture { $0.idleTimeout = .milliseconds(200) }
        defer { try? fixture.stop() }
        let socket = try RawSocket(port: fixture.port)
        let body = String(repeating: "x", count: 16 << 20)
        socket.send(head("content-length: \(body.utf8.count)\r\nconnection: close\r\n") + body)
        let closed = testGroup.next().makePromise(of: Bool.self)
        let deadline = NIODeadline.now() + .seconds(5)
        testGroup.next().scheduleRepeatedTask(
            initialDelay: .milliseconds(20), delay: .milliseconds(20)
        ) { task in
            let isClosed = fixture.server.counters.snapshot.openConnections == 0
            guard isClosed || NIODeadline.now() > deadline else { return }
            task.cancel()
            closed.succeed(isClosed)
        }
        #expect(try closed.futureResult.wait())
    }

    /// OTLP: an error has a google.rpc.Status in the encoding of the request.
    @Test(arguments: [
        ("application/x-protobuf", "\u{8}\u{e}\u{12}\u{d}queue is full"),
        ("application/json; charset=utf-8", #"{"code":14,"message":"queue is full"}"#),
        ("text/plain", "queue is full\n"),
    ])
    func refusalsSpeakTheLanguageOfTheRequest(type: String, body: String) throws {
        let fixture = try ServerFixture()
        defer { try? fixture.stop() }
        for version in [ClientOptions.Version.http1, .http2] {
            let client = try fixture.client(version)
            defer { try? client.close().wait() }
            let request = ClientRequest(
                path: "/full", contentType: type, parts: [ByteBuffer(string: "abc")])
            let response = try client.call(request).get()
            #expect(response.status == 503)
            #expect(response.headers.first("content-type") == String(type.prefix { $0 != ";" }))
            #expect(String(buffer: response.body) == body)
        }
    }

    /// Senders of remote write log what they are told as text, and the operator is told as well.
    @Test(arguments: [
        ([("x-prometheus-remote-write-version", "0.1.0")], "application/x-protobuf", "/in", true),
        (
            [], "application/x-protobuf;proto=io.prometheus.write.v2.Request", "/in", true
        ),
        ([], "application/x-protobuf", "/api/v1/write", true),
        ([], "application/x-protobuf", "/receive", true),
        ([], "application/x-protobuf", "/", true),
        ([], "application/x-protobuf", "/v1/metrics", false),
        ([], "application/x-protobuf", "/otlp/v1/logs", false),
    ])
    func remoteWriteIsRefusedInText(
        headers: [(String, String)], type: String, path: String, isText: Bool
    ) throws {
        let fixture = try ServerFixture { $0.maxDecompressedBytes = 10 }
        defer { try? fixture.stop() }
        for version in [ClientOptions.Version.http1, .http2] {
            let client = try fixture.client(version)
            defer { try? client.close().wait() }
            // By its own account, it unpacks to 100 bytes; then, one that is cut short.
            for (bytes, status, says) in [
                ([100, 0xfe, 0x01] as [UInt8], 413, "raise max_decompressed_body_size"),
                ([5, 0], 400, "not valid snappy"),
            ] {
                let request = ClientRequest(
                    path: path, contentType: type,
                    headers: headers.map { (name: $0.0, value: $0.1) }
                        + [(name: "content-encoding", value: "snappy")],
                    parts: [ByteBuffer(bytes: bytes)])
                let response = try client.call(request).get()
                #expect(response.status == status)
                let isPlain = response.headers.first("content-type") == "text/plain"
                #expect(isPlain == isText)
                let body = String(buffer: response.body)
                #expect(body.contains(says))
                #expect(body.hasPrefix("the body ") == isText)
            }
        }
        #expect(fixture.refusalReasons == ["too_large", "damaged", "too_large", "damaged"])
        #expect(fixture.handler.log.withLock { $0.paths }.isEmpty)
    }

    @Test func quotesInAJSONRefusal() {
        let body = Refusal(httpStatus: 400, code: .internal, message: "a \"b\"\\\n\u{1}ü")
            .body(answering: "application/json")
        #expect(
            String(buffer: body.bytes) == #"{"code":13,"message":"a \"b\"\\\u000a\u0001ü"}"#)
    }
}
