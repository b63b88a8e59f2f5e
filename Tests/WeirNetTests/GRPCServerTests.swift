import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import WeirNet

@Suite struct GRPCServerTests {
    private static let preface = HTTP2Fixture.preface + TestFrame.settings.bytes
    private static func field(_ name: String, _ value: String) -> [UInt8] {
        HTTP2ViolationTests.field(name, value)
    }
    private static let grpc = field("content-type", "application/grpc")

    /// One gRPC call by hand; the frames of the answer.
    private func exchange(
        _ port: Int, _ frames: [TestFrame], until isEnough: @escaping ([TestFrame]) -> Bool
    ) throws -> [TestFrame] {
        let socket = try RawSocket(port: port)
        socket.send(Self.preface + frames.flatMap(\.bytes))
        return Self.parse(socket.receive { isEnough(Self.parse($0)) })
    }

    private static func parse(_ bytes: [UInt8]) -> [TestFrame] {
        var all = ByteBuffer(bytes: bytes)
        var found: [TestFrame] = []
        while let header = HTTP2FrameHeader(reading: &all),
            let payload = all.readBytes(length: header.length)
        {
            found.append(
                TestFrame(
                    type: header.type, flags: header.flags, stream: header.stream, payload: payload)
            )
        }
        return found
    }

    @Test(arguments: ContentEncoding.allCases.filter { $0 != .snappy })
    func roundTrip(encoding: ContentEncoding) throws {
        let fixture = try ServerFixture()
        defer { try? fixture.stop() }
        let client = try fixture.client(.grpc) { $0.compression = encoding }
        defer { try? client.close().wait() }
        let parts = [ByteBuffer(string: "in "), ByteBuffer(string: "parts")]
        let response = try client.call(ClientRequest(path: "/s/m", parts: parts)).get()
        #expect(response.grpc == .ok)
        #expect(String(buffer: response.body) == "in parts")
        #expect(fixture.handler.log.withLock { $0.bodies } == [ByteBuffer(string: "in parts")])
    }

    @Test func errorsCarryMessageAndDelay() throws {
        let fixture = try ServerFixture { $0.maxRequestBodyBytes = 1000 }
        defer { try? fixture.stop() }
        let client = try fixture.client(.grpc)
        defer { try? client.close().wait() }
        func status(_ path: String, _ count: Int = 1) -> GRPCStatus? {
            client.call(
                ClientRequest(path: path, parts: [ByteBuffer(repeating: 1, count: count)])
            ).response?.grpc
        }
        #expect(
            status("/s/error")
                == GRPCStatus(.unavailable, "späť %", retryDelay: .milliseconds(2500)))
        #expect(
            status("/s/full")
                == GRPCStatus(.unavailable, "queue is full", retryDelay: .milliseconds(1500)))
        #expect(status("/s/drop")?.code == .internal)
        let tooLarge = status("/s/m", 1001)
        #expect(tooLarge?.code == .resourceExhausted)
        #expect(tooLarge?.retryDelay == nil)
        // A body far beyond the limit is refused while it is still being sent.
        #expect(status("/s/m", 8 << 20)?.code == .resourceExhausted)
        #expect(status("/s/m")?.code == .ok)
        #expect(fixture.handler.liveReservations == 0)
        #expect(fixture.handler.log.withLock { $0.declared.last } == 1)
    }

    @Test func bombIsRefused() throws {
        let fixture = try ServerFixture { $0.maxDecompressedBytes = 1 << 20 }
        defer { try? fixture.stop() }
        for encoding in [ContentEncoding.gzip, .zstd] {
            let client = try fixture.client(.grpc) { $0.compression = encoding }
            let zeros = ByteBuffer(repeating: 0, count: 32 << 20)
            let status = client.call(ClientRequest(path: "/s/m", parts: [zeros])).response?.grpc
            #expect(status?.code == .resourceExhausted)
            #expect(status?.message.contains("unpacks to more than 1048576") == true)
            try client.close().wait()
        }
    }

    struct Malformed: Sendable {
        var frames: [TestFrame]
        var code: GRPCCode
        var text: String
    }

    static let malformed: [Malformed] = [
        Malformed(
            frames: [
                .request(1, end: false, more: grpc), .data(1, [0, 0, 0, 0, 5, 1], end: true),
            ], code: .internal, text: "ended within a message"),
        Malformed(
            frames: [.request(1, end: false, more: grpc), .data(1, [0, 0, 0], end: true)],
            code: .internal, text: "ended within a message"),
        Malformed(
            frames: [.request(1, end: false, more: grpc), .data(1, [], end: true)], code: .internal,
            text: "ended without one"),
        Malformed(frames: [.request(1, more: grpc)], code: .internal, text: "ended without one"),
        Malformed(
            frames: [.request(1, end: false, more: grpc), .data(1, [7, 0, 0, 0, 0], end: true)],
            code: .internal, text: "flag 7"),
        Malformed(
            frames: [
                .request(1, end: false, more: grpc), .data(1, [1, 0, 0, 0, 1, 9], end: true),
            ], code: .internal, text: "grpc-encoding names nothing"),
        Malformed(
            frames: [
                .request(1, end: false, more: grpc + field("grpc-encoding", "br")),
                .data(1, [1, 0, 0, 0, 1, 9], end: true),
            ], code: .unimplemented, text: "\"br\" is not known"),
        Malformed(
            frames: [
                .request(1, end: false, more: grpc + field("grpc-encoding", "gzip")),
                .data(1, [1, 0, 0, 0, 1, 9], end: true),
            ], code: .internal, text: "not valid gzip"),
        Malformed(
            frames: [
                .request(1, end: false, more: grpc),
                .data(1, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0], end: true),
            ], code: .unimplemented, text: "a second one"),
        Malformed(
            frames: [.request(1, end: false, more: grpc), .data(1, [0, 0xFF, 0xFF, 0xFF, 0xFF])],
            code: .resourceExhausted, text: "4294967295 bytes"),
    ]

    @Test(arguments: malformed)
    func malformedCalls(test: Malformed) throws {
        let fixture = try ServerFixture()
        defer { try? fixture.stop() }
        let frames = try exchange(fixture.port, test.frames) { $0.contains { $0.type == 1 } }
        let answer = try #require(frames.first { $0.type == 1 })
        // Trailers only: one HEADERS frame that ends the stream.
        #expect(answer.flags == 5)
        var decoder = TestHeaders()
        let headers = try decoder.decode(answer.payload)
        #expect(headers["grpc-status"] == "\(test.code.rawValue)")
        #expect(headers["grpc-message"]?.contains(test.text) == true)
        #expect(fixture.handler.log.withLock { $0.paths }.isEmpty)
    }

    @Test func clientStreaming() throws {
        let fixture = try ServerFixture()
        defer { try? fixture.stop() }
        // The path of TestFrame.request is "/": this one ends with /stream.
        let path: [UInt8] = [0x83, 0x86, 0x04, 7] + Array("/stream".utf8) + Self.grpc
        let socket = try RawSocket(port: fixture.port)
        let head = TestFrame(type: 1, flags: 4, stream: 1, payload: path)
        socket.send(Self.preface + head.bytes)
        for letter in "abc" {
            socket.send(TestFrame.data(1, [0, 0, 0, 0, 1] + Array(String(letter).utf8)).bytes)
        }
        socket.send(TestFrame.data(1, [], end: true).bytes)
        let frames = Self.parse(
            socket.receive { Self.parse($0).contains { $0.type == 1 && $0.flags == 5 } })
        #expect(frames.filter { $0.type == 1 }.count == 2)
        #expect(fixture.handler.log.withLock { $0.messages } == ["a", "b", "c"])
        #expect(fixture.handler.log.withLock { $0.paths } == ["/stream"])
    }

    @Test func streamsOfManyClientsInterleave() throws {
        let fixture = try ServerFixture()
        defer { try? fixture.stop() }
        let client = try fixture.client(.grpc)
        defer { try? client.close().wait() }
        let results = (0..<500).map { index -> EventLoopFuture<ClientResult> in
            let promise = testGroup.next().makePromise(of: ClientResult.self)
            let body = ByteBuffer(repeating: UInt8(index & 255), count: 1 + index * 97)
            let request = ClientRequest(path: "/s/\(index)", parts: [body], timeout: .seconds(60))
            client.send(request, on: testGroup.next()) {
                promise.succeed($0)
            }
            return promise.futureResult
        }
        for (index, result) in results.enumerated() {
            let response = try result.wait().get()
            #expect(response.grpc == .ok)
            #expect(
                response.body == ByteBuffer(repeating: UInt8(index & 255), count: 1 + index * 97))
        }
        #expect(fixture.server.counters.snapshot.connections <= 2)
    }

    @Test(arguments: [ClientOptions.Version.http1, .http2, .grpc])
    func bodiesBeyondEveryWindowBothWays(version: ClientOptions.Version) throws {
        let fixture = try ServerFixture {
            $0.maxRequestBodyBytes = 64 << 20
            $0.streamWindow = 65535
            $0.connectionWindow = 128 << 10
        }
        defer { try? fixture.stop() }
        let client = try fixture.client(version) { $0.maxResponseBytes = 64 << 20 }
        defer { try? client.close().wait() }
        var parts: [ByteBuffer] = []
        for index in 0..<30 { parts.append(ByteBuffer(repeating: UInt8(index), count: 1_000_003)) }
        let response = try client.call(ClientRequest(path: "/s/m", parts: parts)).get()
        #expect(response.body == Compressor.joined(parts))
    }

    @Test func drainFinishesCallsAndSaysGoAway() throws {
        let fixture = try ServerFixture()
        let client = try fixture.client(.grpc)
        defer { try? client.close().wait() }
        let holding = fixture.handler.whenHolding(1)
        let promise = testGroup.next().makePromise(of: ClientResult.self)
        let loop = testGroup.next()
        client.send(ClientRequest(path: "/s/hold", parts: [ByteBuffer(string: "x")]), on: loop) {
            promise.succeed($0)
        }
        try holding.wait()
        let drained = fixture.server.drain(within: .seconds(30))
        fixture.handler.releaseHeld { $0.respondGRPC(.ok) }
        #expect(try promise.futureResult.wait().response?.grpc == .ok)
        try drained.wait()
    }

    @Test func goAwayIsNamedToThePeer() throws {
        let fixture = try ServerFixture()
        let socket = try RawSocket(port: fixture.port)
        socket.send(Self.preface)
        _ = socket.receive { Self.parse($0).contains { $0 == .settingsAck } }
        let drained = fixture.server.drain(within: .milliseconds(50))
        let frames = Self.parse(socket.receive())
        #expect(frames.first?.type == 7)
        #expect(frames.first?.payload.prefix(8) == [0x7F, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0])
        try drained.wait()
    }

    @Test func deadPeersAreFoundByPing() throws {
        let fixture = try ServerFixture {
            $0.keepaliveTime = .milliseconds(40)
            $0.keepaliveTimeout = .milliseconds(40)
        }
        defer { try? fixture.stop() }
        let socket = try RawSocket(port: fixture.port)
        socket.send(Self.preface)
        // Never answers; the connection ends after a ping and a GOAWAY.
        let frames = Self.parse(socket.receive())
        #expect(frames.contains { $0.type == 6 && $0.flags == 0 })
        #expect(frames.last?.type == 7)
    }

    @Test func slowBodiesAndAgeEnd() throws {
        let fixture = try ServerFixture { $0.bodyTimeout = .milliseconds(40) }
        defer { try? fixture.stop() }
        let frames = try exchange(
            fixture.port,
            [.request(1, end: false, more: Self.grpc), .data(1, [0, 0, 0, 9, 0, 1, 2])]
        ) { $0.contains { $0.type == 1 } }
        var decoder = TestHeaders()
        let headers = try decoder.decode(try #require(frames.first { $0.type == 1 }).payload)
        #expect(headers["grpc-status"] == "\(GRPCCode.deadlineExceeded.rawValue)")
        let aging = try ServerFixture {
            $0.maxConnectionAge = .milliseconds(30)
            $0.maxConnectionAgeGrace = .milliseconds(30)
        }
        defer { try? aging.stop() }
        let old = try RawSocket(port: aging.port)
        old.send(Self.preface)
        #expect(Self.parse(old.receive()).contains { $0.type == 7 })
    }

    @Test func reservationEndsWithAClientThatLeaves() throws {
        let fixture = try ServerFixture()
        let socket = try RawSocket(port: fixture.port)
        socket.send(
            Self.preface + TestFrame.request(1, end: false, more: Self.grpc).bytes
                + TestFrame.data(1, [0, 0, 0, 0, 9, 1]).bytes + TestFrame.reset(1).bytes
                + TestFrame.request(3, end: false, more: Self.grpc).bytes
                + TestFrame.data(3, [0, 0, 0, 0, 9, 1]).bytes
                + TestFrame(type: 6, payload: [UInt8](repeating: 0, count: 8)).bytes)
        // The answer to the ping says that all before it has been read.
        _ = socket.receive { Self.parse($0).contains { $0.type == 6 && $0.flags == 1 } }
        #expect(fixture.handler.log.withLock { $0.declared } == [9, 9])
        #expect(fixture.handler.liveReservations == 1)
        try fixture.stop()
        #expect(fixture.handler.liveReservations == 0)
    }
}
