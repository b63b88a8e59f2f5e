import NIOCore
import NIOPosix
import Synchronization
import Testing
import WeirTestKit

@testable import WeirNet

@Suite struct HTTP1ServerTests {
    private func post(_ path: String, _ body: String, _ fields: String = "") -> String {
        "POST \(path) HTTP/1.1\r\nhost: a\r\ncontent-length: \(body.utf8.count)\r\n\(fields)\r\n\(body)"
    }

    @Test func curlSpeaksBothVersions() throws {
        let fixture = try ServerFixture()
        defer { try? fixture.stop() }
        for option in ["--http1.1", "--http2-prior-knowledge", "--http2"] {
            let result = try run(
                "curl", "-s", option, "-w", " %{http_code}", "--data-binary", "hello",
                "http://127.0.0.1:\(fixture.port)/a?b=c")
            #expect(result.out == "hello 200", "\(option)")
        }
        #expect(fixture.handler.log.withLock { $0.paths } == ["/a", "/a", "/a"])
        #expect(fixture.handler.log.withLock { $0.declared } == [5, 5, 5])
        #expect(fixture.server.counters.snapshot.requests == 3)
        #expect(fixture.handler.liveReservations == 0)
    }

    @Test func ipv6AndUnixSockets() throws {
        let six = try ServerFixture(.tcp(host: "::1", port: 0))
        defer { try? six.stop() }
        let answer = try run("curl", "-s", "-d", "six", "http://[::1]:\(six.port)/")
        #expect(answer.out == "six")

        let folder = try TemporaryFolder()
        let path = folder.path("socket")
        let unix = try ServerFixture(.unix(path: path))
        #expect(try run("curl", "-s", "--unix-socket", path, "-d", "u", "http://a/").out == "u")
        // A socket that somebody listens on is not taken away.
        let error = #expect(throws: NetError.self) { try ServerFixture(.unix(path: path)) }
        #expect(error?.message.contains("another process listens") == true)
        #expect(
            try unix.client(.grpc).call(ClientRequest(path: "/s/m", parts: [])).response?.grpc
                == .ok)
        try unix.stop()
        #expect(try run("test", "-e", path).code == 1)
        // One that is left over is.
        _ = try run(
            "python3", "-c", "import socket,sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])",
            path)
        let again = try ServerFixture(.unix(path: path))
        try again.stop()
    }

    @Test func portInUseNamesTheEndpoint() throws {
        let fixture = try ServerFixture()
        defer { try? fixture.stop() }
        let endpoint = Endpoint.tcp(host: "127.0.0.1", port: fixture.port)
        let error = #expect(throws: NetError.self) { try ServerFixture(endpoint) }
        #expect(error?.kind == .bindFailed)
        #expect(
            error?.message
                == "cannot listen on 127.0.0.1:\(fixture.port): the address is in use: stop the other process or change the endpoint"
        )
    }

    @Test func pipelinedRequestsAreAnsweredInOrder() throws {
        let fixture = try ServerFixture()
        defer { try? fixture.stop() }
        let holding = fixture.handler.whenHolding(1)
        let socket = try RawSocket(port: fixture.port)
        socket.send(
            post("/hold", "one") + post("/b", "two") + post("/c", "three", "connection: close\r\n"))
        try holding.wait()
        fixture.handler.releaseHeld { $0.respond(status: 202, body: ByteBuffer(string: "held")) }
        let text = socket.receiveText()
        #expect(text.ranges(of: "HTTP/1.1 ").count == 3)
        let order = ["202", "held", "200", "two", "200", "connection: close", "three"]
        var rest = text[...]
        for mark in order {
            guard let range = rest.firstRange(of: mark) else {
                Issue.record("\(mark) is missing in \(text)")
                return
            }
            rest = rest[range.upperBound...]
        }
    }

    @Test func thousandPipelinedRequestsWithFewReadAhead() throws {
        let fixture = try ServerFixture { $0.maxPipelinedRequests = 4 }
        defer { try? fixture.stop() }
        let socket = try RawSocket(port: fixture.port)
        var all = ""
        for index in 0..<1000 {
            all += post("/thread", "", index == 999 ? "connection: close\r\n" : "")
        }
        socket.send(all)
        #expect(socket.receiveText().ranges(of: "from a thread").count == 1000)
    }

    @Test func chunkedBodyAndBytewise() throws {
        let fixture = try ServerFixture()
        defer { try? fixture.stop() }
        let socket = try RawSocket(port: fixture.port)
        let request =
            "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
        for byte in request.utf8 { socket.send([byte]) }
        #expect(socket.receiveText(until: "abcde").hasSuffix("abcde"))
        #expect(fixture.handler.log.withLock { $0.declared } == [nil])
    }

    struct Bad: Sendable {
        var request: String
        var status: String
        var text: String
        var ends = false
    }

    @Test(arguments: [
        Bad(
            request: "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 2000\r\n\r\n", status: "413",
            text: "the limit is 1000", ends: true),
        Bad(
            request: "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n7d0\r\n"
                + String(repeating: "x", count: 2000), status: "413", text: "the limit is 1000",
            ends: true),
        Bad(
            request:
                "POST / HTTP/1.1\r\nhost: a\r\nx: \(String(repeating: "y", count: 40_000))\r\n\r\n",
            status: "431", text: "header is larger than", ends: true),
        Bad(
            request:
                "POST / HTTP/1.1\r\nhost: a\r\ncontent-encoding: br\r\ncontent-length: 1\r\n\r\nx",
            status: "415", text: "\"br\" is not known"),
        Bad(
            request:
                "POST / HTTP/1.1\r\nhost: a\r\ncontent-encoding: gzip\r\ncontent-length: 1\r\n\r\nx",
            status: "400", text: "not valid gzip"),
        Bad(
            request:
                "POST / HTTP/1.1\r\nhost: a\r\ncontent-encoding: zstd\r\ncontent-length: 1\r\n\r\nx",
            status: "400", text: "not valid zstd"),
        Bad(
            request:
                "POST / HTTP/1.1\r\nhost: a\r\ncontent-encoding: snappy\r\ncontent-length: 1\r\n\r\nx",
            status: "400", text: "not valid snappy: it is cut short or damaged, or not in the block"
        ),
        Bad(
            request:
                "POST / HTTP/1.1\r\nhost: a\r\ncontent-encoding: snappy\r\ncontent-length: 5\r\n\r\n\u{7f}\u{7f}\u{7f}\u{7f}\u{7f}",
            status: "400", text: "not valid snappy"),
        Bad(
            request: "POST /full HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\n\r\nabc",
            status: "503", text: "retry-after: 2\r\n"),
        Bad(
            request: "POST /drop HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\n\r\n", status: "500",
            text: "dropped without an answer"),
        Bad(
            request: "POST /error HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\n\r\n", status: "503",
            text: "retry-after: 3\r\n"),
        Bad(
            request:
                "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nx",
            status: "400", text: "not a valid HTTP/1.1 request", ends: true),
        Bad(
            request:
                "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\nx",
            status: "400", text: "not a valid HTTP/1.1 request", ends: true),
        Bad(
            request:
                "POST / HTTP/1.1\r\nhost: a\r\ncontent-type: application/grpc\r\ncontent-length: 0\r\n\r\n",
            status: "505", text: "gRPC needs HTTP/2"),
    ])
    func refusals(bad: Bad) throws {
        let fixture = try ServerFixture { $0.maxRequestBodyBytes = 1000 }
        defer { try? fixture.stop() }
        let socket = try RawSocket(port: fixture.port)
        socket.send(bad.request)
        if !bad.ends { socket.send(post("/ok", "still there", "connection: close\r\n")) }
        let text = socket.receiveText()
        #expect(text.hasPrefix("HTTP/1.1 \(bad.status) "))
        #expect(text.contains(bad.text))
        #expect(text.contains("still there") != bad.ends)
    }

    @Test func secondAnswerIsIgnoredAndCounted() throws {
        let fixture = try ServerFixture()
        defer { try? fixture.stop() }
        #expect(
            try run("curl", "-s", "-d", "", "http://127.0.0.1:\(fixture.port)/twice").out == "once")
        #expect(fixture.server.counters.snapshot.answeredTwice == 1)
        #expect(fixture.server.counters.snapshot.unanswered == 0)
    }

    @Test func expectContinueIsRefusedBeforeTheBody() throws {
        let fixture = try ServerFixture()
        defer { try? fixture.stop() }
        let socket = try RawSocket(port: fixture.port)
        let head = "content-length: 3\r\nexpect: 100-continue\r\nhost: a\r\n"
        socket.send("POST / HTTP/1.1\r\n\(head)\r\n")
        #expect(socket.receiveText(until: "\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
        socket.send("abc")
        #expect(socket.receiveText(until: "abc").hasPrefix("HTTP/1.1 200 "))
        socket.send("POST /full HTTP/1.1\r\n\(head)\r\n")
        #expect(socket.receiveText(until: "full").hasPrefix("HTTP/1.1 503 "))
    }

    @Test func http10AndHead() throws {
        let fixture = try ServerFixture()
        defer { try? fixture.stop() }
        let old = try RawSocket(port: fixture.port)
        old.send("POST / HTTP/1.0\r\ncontent-length: 2\r\n\r\nhi")
        #expect(old.receiveText().hasSuffix("hi"))
        let head = try RawSocket(port: fixture.port)
        head.send("HEAD /thread HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
        let text = head.receiveText()
        #expect(text.contains("content-length: 13\r\n"))
        #expect(text.hasSuffix("\r\n\r\n"))
    }

    @Test func compressedBodiesFromOtherTools() throws {
        let fixture = try ServerFixture()
        defer { try? fixture.stop() }
        for tool in ["gzip", "zstd"] {
            let script =
                "printf 'packed by \(tool)' | \(tool) -c | curl -s -H 'content-encoding: \(tool)' --data-binary @- http://127.0.0.1:\(fixture.port)/"
            guard try run("sh", "-c", "command -v \(tool)").code == 0 else { continue }
            #expect(try run("sh", "-c", script).out == "packed by \(tool)")
        }
    }

    @Test(arguments: ContentEncoding.allCases)
    func compressedBodiesFromOurClient(encoding: ContentEncoding) throws {
        let fixture = try ServerFixture()
        defer { try? fixture.stop() }
        let client = try fixture.client(.http1) { $0.compression = encoding }
        defer { try? client.close().wait() }
        let parts = ["one, ", "", "two"].map { ByteBuffer(string: $0) }
        let response = client.call(ClientRequest(path: "/", parts: parts)).response
        #expect(response.map { String(buffer: $0.body) } == "one, two")
    }

    @Test func bombIsRefused() throws {
        let fixture = try ServerFixture { $0.maxDecompressedBytes = 1 << 20 }
        defer { try? fixture.stop() }
        for encoding in [ContentEncoding.gzip, .zstd, .snappy] {
            let client = try fixture.client(.http1) { $0.compression = encoding }
            let result = client.call(
                ClientRequest(path: "/", parts: [ByteBuffer(repeating: 0, count: 32 << 20)]))
            #expect(result.response?.status == 413)
            try client.close().wait()
        }
        #expect(fixture.server.counters.snapshot.refusedTooLarge == 3)
    }

    @Test func silentAndSlowPeersAreClosed() throws {
        let fixture = try ServerFixture {
            $0.readHeaderTimeout = .milliseconds(80)
            $0.bodyTimeout = .milliseconds(80)
        }
        defer { try? fixture.stop() }
        // Each of these would wait for ever.
        let silent = try RawSocket(port: fixture.port)
        let cut = try RawSocket(port: fixture.port)
        cut.send("POST / HT")
        let header = try RawSocket(port: fixture.port)
        header.send("POST / HTTP/1.1\r\nhost: a\r\n")
        let body = try RawSocket(port: fixture.port)
        body.send("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\nabc")
        #expect(silent.receive().isEmpty)
        #expect(cut.receive().isEmpty)
        #expect(header.receive().isEmpty)
        #expect(body.receiveText().hasPrefix("HTTP/1.1 408 "))
        #expect(fixture.handler.liveReservations == 0)
    }

    @Test func connectionsOverTheLimitAreClosed() throws {
        let fixture = try ServerFixture { $0.maxConnections = 1 }
        defer { try? fixture.stop() }
        let first = try RawSocket(port: fixture.port)
        first.send(post("/", "first"))
        _ = first.receiveText(until: "first")
        #expect(try RawSocket(port: fixture.port).receive().isEmpty)
        #expect(fixture.server.counters.snapshot.connectionsRefused == 1)
    }

    /// The others come in, and so does the client itself when it has closed one.
    @Test func oneClientLeavesConnectionsForTheOthers() throws {
        let told = Mutex<[ConnectionRefusal]>([])
        let fixture = try ServerFixture { options in
            options.maxConnections = 3
            options.maxConnectionsPerClient = 2
            options.onConnectionRefused = { refusal in told.withLock { $0.append(refusal) } }
        }
        defer { try? fixture.stop() }
        func open(_ from: String) throws -> RawSocket {
            let socket = try RawSocket(port: fixture.port, from: from)
            socket.send(post("/", "taken"))
            return socket
        }
        let first = try open("127.0.0.1")
        let second = try open("127.0.0.1")
        for socket in [first, second] {
            #expect(socket.receiveText(until: "taken").hasSuffix("taken"))
        }
        #expect(try RawSocket(port: fixture.port, from: "127.0.0.1").receive().isEmpty)
        let other = try open("127.0.0.2")
        #expect(other.receiveText(until: "taken").hasSuffix("taken"))
        #expect(try RawSocket(port: fixture.port, from: "127.0.0.3").receive().isEmpty)
        #expect(fixture.server.counters.snapshot.connectionsRefused == 2)
        let refusals = told.withLock { $0 }
        #expect(refusals.map(\.kind) == [.perClient, .all])
        #expect(refusals.first?.peer.hasPrefix("127.0.0.1:") == true)
        #expect(refusals.first?.text.contains("max_connections_per_client") == true)
    }

    @Test func drainLetsRequestsInFlightEnd() throws {
        let fixture = try ServerFixture()
        let holding = fixture.handler.whenHolding(1)
        let idle = try RawSocket(port: fixture.port)
        idle.send(post("/", "idle"))
        _ = idle.receiveText(until: "idle")
        let silent = try RawSocket(port: fixture.port)
        let busy = try RawSocket(port: fixture.port)
        busy.send(post("/hold", "x"))
        try holding.wait()
        let drained = fixture.server.drain(within: .seconds(30))
        #expect(idle.receive().isEmpty)
        #expect(silent.receive().isEmpty)
        #expect(throws: RawSocket.Failure.self) { try RawSocket(port: fixture.port) }
        fixture.handler.releaseHeld { $0.respond(status: 200, body: ByteBuffer(string: "done")) }
        let text = busy.receiveText()
        #expect(text.contains("connection: close"))
        #expect(text.hasSuffix("done"))
        try drained.wait()
    }
}
