import NIOCore
import NIOEmbedded
import NIOHPACK
import Testing

@testable import WeirNet

/// What RFC 9113 demands of an endpoint when its peer breaks the rules, case by case.
@Suite struct HTTP2ViolationTests {
    struct Case: CustomTestStringConvertible {
        var name: String
        var frames: [TestFrame]
        var verdict: String
        var testDescription: String { name }
        init(_ name: String, _ verdict: String, _ frames: TestFrame...) {
            self.name = name
            self.verdict = verdict
            self.frames = frames
        }
    }

    /// A literal field without indexing.
    static func field(_ name: String, _ value: String) -> [UInt8] {
        [0, UInt8(name.utf8.count)] + Array(name.utf8) + [UInt8(value.utf8.count)]
            + Array(value.utf8)
    }

    static let cases: [Case] = [
        Case("DATA on stream 0", "goaway PROTOCOL_ERROR", .data(0, [1])),
        Case("DATA on an idle stream", "goaway PROTOCOL_ERROR", .data(1, [1])),
        Case("HEADERS on stream 0", "goaway PROTOCOL_ERROR", .request(0)),
        Case("HEADERS on an even stream", "goaway PROTOCOL_ERROR", .request(2)),
        Case("a lower stream", "goaway STREAM_CLOSED", .request(5), .request(3)),
        Case("DATA after the end", "reset 1 STREAM_CLOSED", .request(1), .data(1, [1])),
        Case("HEADERS after the end", "reset 1 STREAM_CLOSED", .request(1), .request(1)),
        Case(
            "DATA after the peer's reset", "goaway STREAM_CLOSED", .request(1, end: false),
            .reset(1), .data(1, [1])),
        Case(
            "trailers that do not end", "reset 1 PROTOCOL_ERROR", .request(1, end: false),
            TestFrame(type: 1, flags: 4, stream: 1, payload: field("a", "b"))),
        Case(
            "pseudo field in trailers", "reset 1 PROTOCOL_ERROR", .request(1, end: false),
            .request(1)),
        Case(
            "PRIORITY on stream 0", "goaway PROTOCOL_ERROR",
            TestFrame(type: 2, payload: [0, 0, 0, 0, 1])),
        Case(
            "PRIORITY of 4 bytes", "reset 1 FRAME_SIZE_ERROR",
            TestFrame(type: 2, stream: 1, payload: [0, 0, 0, 0])),
        Case(
            "PRIORITY on itself", "reset 1 PROTOCOL_ERROR",
            TestFrame(type: 2, stream: 1, payload: [0, 0, 0, 1, 1])),
        Case("RST_STREAM on stream 0", "goaway PROTOCOL_ERROR", .reset(0)),
        Case("RST_STREAM on an idle stream", "goaway PROTOCOL_ERROR", .reset(1)),
        Case(
            "RST_STREAM of 3 bytes", "goaway FRAME_SIZE_ERROR", .request(1),
            TestFrame(type: 3, stream: 1, payload: [0, 0, 0])),
        Case("SETTINGS on a stream", "goaway PROTOCOL_ERROR", TestFrame(type: 4, stream: 1)),
        Case(
            "SETTINGS of 5 bytes", "goaway FRAME_SIZE_ERROR",
            TestFrame(type: 4, payload: [0, 0, 0, 0, 0])),
        Case(
            "SETTINGS ack with a payload", "goaway FRAME_SIZE_ERROR",
            TestFrame(type: 4, flags: 1, payload: [0, 3, 0, 0, 0, 1])),
        Case("ENABLE_PUSH 2", "goaway PROTOCOL_ERROR", .setting(2, 2)),
        Case("INITIAL_WINDOW_SIZE 2^31", "goaway FLOW_CONTROL_ERROR", .setting(4, 1 << 31)),
        Case("MAX_FRAME_SIZE 16383", "goaway PROTOCOL_ERROR", .setting(5, 16383)),
        Case("MAX_FRAME_SIZE 2^24", "goaway PROTOCOL_ERROR", .setting(5, 1 << 24)),
        Case(
            "PUSH_PROMISE", "goaway PROTOCOL_ERROR",
            TestFrame(type: 5, stream: 1, payload: [0, 0, 0, 2])),
        Case(
            "PING on a stream", "goaway PROTOCOL_ERROR",
            TestFrame(type: 6, stream: 1, payload: [0, 0, 0, 0, 0, 0, 0, 0])),
        Case(
            "PING of 7 bytes", "goaway FRAME_SIZE_ERROR",
            TestFrame(type: 6, payload: [0, 0, 0, 0, 0, 0, 0])),
        Case(
            "GOAWAY on a stream", "goaway PROTOCOL_ERROR",
            TestFrame(type: 7, stream: 1, payload: [0, 0, 0, 0, 0, 0, 0, 0])),
        Case(
            "GOAWAY of 4 bytes", "goaway FRAME_SIZE_ERROR",
            TestFrame(type: 7, payload: [0, 0, 0, 0])),
        Case("WINDOW_UPDATE by 0", "goaway PROTOCOL_ERROR", .windowUpdate(0, 0)),
        Case(
            "WINDOW_UPDATE by 0 on a stream", "reset 1 PROTOCOL_ERROR", .request(1),
            .windowUpdate(1, 0)),
        Case("WINDOW_UPDATE on an idle stream", "goaway PROTOCOL_ERROR", .windowUpdate(1, 1)),
        Case(
            "WINDOW_UPDATE of 3 bytes", "goaway FRAME_SIZE_ERROR",
            TestFrame(type: 8, payload: [0, 0, 1])),
        Case("window beyond 2^31-1", "goaway FLOW_CONTROL_ERROR", .windowUpdate(0, 0x7FFF_FFFF)),
        Case(
            "stream window beyond 2^31-1", "reset 1 FLOW_CONTROL_ERROR", .request(1),
            .windowUpdate(1, 0x7FFF_FFFF)),
        Case(
            "CONTINUATION alone", "goaway PROTOCOL_ERROR", TestFrame(type: 9, flags: 4, stream: 1)),
        Case(
            "a frame within a header block", "goaway PROTOCOL_ERROR",
            TestFrame(type: 1, stream: 1, payload: [0x83]),
            TestFrame(type: 6, payload: [0, 0, 0, 0, 0, 0, 0, 0])),
        Case(
            "CONTINUATION of another stream", "goaway PROTOCOL_ERROR",
            TestFrame(type: 1, stream: 1, payload: [0x83]),
            TestFrame(type: 9, flags: 4, stream: 3, payload: [0x86, 0x84])),
        Case(
            "an unknown frame within a header block", "goaway PROTOCOL_ERROR",
            TestFrame(type: 1, stream: 1, payload: [0x83]), TestFrame(type: 99, stream: 1)),
        Case(
            "padding larger than DATA", "goaway PROTOCOL_ERROR", .request(1, end: false),
            TestFrame(type: 0, flags: 8, stream: 1, payload: [5, 0, 0])),
        Case(
            "padding larger than HEADERS", "goaway PROTOCOL_ERROR",
            TestFrame(type: 1, flags: 12, stream: 1, payload: [9, 0x83])),
        Case(
            "padding without a length", "goaway FRAME_SIZE_ERROR", .request(1, end: false),
            TestFrame(type: 0, flags: 8, stream: 1)),
        Case(
            "index 0", "goaway COMPRESSION_ERROR",
            TestFrame(type: 1, flags: 5, stream: 1, payload: [0x80])),
        Case(
            "index of no field", "goaway COMPRESSION_ERROR",
            TestFrame(type: 1, flags: 5, stream: 1, payload: [0xBF])),
        Case("upper case", "reset 1 PROTOCOL_ERROR", .request(1, more: field("Te", "trailers"))),
        Case("te: gzip", "reset 1 PROTOCOL_ERROR", .request(1, more: field("te", "gzip"))),
        Case(
            "connection: close", "reset 1 PROTOCOL_ERROR",
            .request(1, more: field("connection", "close"))),
        Case(
            "transfer-encoding", "reset 1 PROTOCOL_ERROR",
            .request(1, more: field("transfer-encoding", "chunked"))),
        Case(
            "line feed in a value", "reset 1 PROTOCOL_ERROR", .request(1, more: field("a", "b\nc"))),
        Case(
            "unknown pseudo field", "reset 1 PROTOCOL_ERROR", .request(1, more: field(":test", "x"))
        ),
        Case(":status in a request", "reset 1 PROTOCOL_ERROR", .request(1, more: [0x88])),
        Case(":path twice", "reset 1 PROTOCOL_ERROR", .request(1, more: [0x84])),
        Case(
            "pseudo field after others", "reset 1 PROTOCOL_ERROR",
            .request(1, more: field("a", "b") + field(":authority", "x"))),
        Case(
            "no :method", "reset 1 PROTOCOL_ERROR",
            TestFrame(type: 1, flags: 5, stream: 1, payload: [0x86, 0x84])),
        Case(
            "no :scheme", "reset 1 PROTOCOL_ERROR",
            TestFrame(type: 1, flags: 5, stream: 1, payload: [0x83, 0x84])),
        Case(
            "no :path", "reset 1 PROTOCOL_ERROR",
            TestFrame(type: 1, flags: 5, stream: 1, payload: [0x83, 0x86])),
        Case(
            "empty :path", "reset 1 PROTOCOL_ERROR",
            TestFrame(type: 1, flags: 5, stream: 1, payload: [0x83, 0x86] + field(":path", ""))),
        Case(
            "less than content-length", "reset 1 PROTOCOL_ERROR",
            .request(1, end: false, more: field("content-length", "3")), .data(1, [1], end: true)),
        Case(
            "more than content-length", "reset 1 PROTOCOL_ERROR",
            .request(1, end: false, more: field("content-length", "1")), .data(1, [1, 2])),
        Case(
            "content-length without a body", "reset 1 PROTOCOL_ERROR",
            .request(1, more: field("content-length", "1"))),
        Case(
            "the same bad block again", "reset 3 PROTOCOL_ERROR", .request(1),
            TestFrame(type: 1, flags: 5, stream: 3, payload: [0x83, 0x86])),
        // What has to be tolerated.
        Case("unknown frame", "nothing", TestFrame(type: 99, flags: 255, stream: 7, payload: [1])),
        Case("unknown setting", "nothing", .setting(0xFF, 1)),
        Case(
            "PRIORITY on an idle stream", "nothing",
            TestFrame(type: 2, stream: 9, payload: [0, 0, 0, 0, 1])),
        Case(
            "padded HEADERS with priority", "nothing",
            TestFrame(
                type: 1, flags: 0x2D, stream: 1,
                payload: [2, 0, 0, 0, 0, 9, 0x83, 0x86, 0x84, 0, 0])),
        Case(
            "WINDOW_UPDATE after the peer's reset", "nothing", .request(1), .reset(1),
            .windowUpdate(1, 5)),
    ]

    @Test(arguments: cases)
    func verdict(test: Case) throws {
        let fixture = try HTTP2Fixture()
        try fixture.send(test.frames.flatMap(\.bytes))
        #expect(try fixture.verdict() == test.verdict)
        #expect(fixture.session.isClosed == test.verdict.hasPrefix("goaway"))
        // In single bytes it has to come out the same.
        let slow = try HTTP2Fixture()
        for byte in test.frames.flatMap(\.bytes) { try slow.send([byte]) }
        #expect(try slow.verdict() == test.verdict)
    }

    @Test func prefaceAndFirstFrame() throws {
        let noPreface = try HTTP2Fixture(handshake: false)
        _ = try noPreface.frames()
        try noPreface.send(Array("GET / HTTP/1.1\r\nhost: a\r\n\r\n".utf8))
        #expect(try noPreface.verdict() == "goaway PROTOCOL_ERROR")

        let noSettings = try HTTP2Fixture(handshake: false)
        _ = try noSettings.frames()
        try noSettings.send(HTTP2Fixture.preface + TestFrame.request(1).bytes)
        #expect(try noSettings.verdict() == "goaway PROTOCOL_ERROR")
    }

    @Test func frameLargerThanAdvertised() throws {
        let fixture = try HTTP2Fixture()
        try fixture.send([0x20, 0, 0, 0, 0, 0, 0, 0, 1])
        #expect(try fixture.verdict() == "goaway FRAME_SIZE_ERROR")
    }

    // MARK: Floods

    private func flood(_ frames: (UInt32) -> [TestFrame], times: UInt32 = 5000) throws -> String {
        let fixture = try HTTP2Fixture()
        for index in 0..<times {
            try fixture.send(frames(index).flatMap(\.bytes))
            if fixture.session.isClosed { break }
        }
        return try fixture.verdict2()
    }

    @Test func rapidReset() throws {
        #expect(
            try flood { [.request($0 * 2 + 1, end: false), .reset($0 * 2 + 1)] }
                == "goaway ENHANCE_YOUR_CALM")
    }

    @Test func pingFlood() throws {
        #expect(
            try flood { _ in [TestFrame(type: 6, payload: [UInt8](repeating: 0, count: 8))] }
                == "goaway ENHANCE_YOUR_CALM")
    }

    @Test func settingsFlood() throws {
        #expect(try flood { _ in [.settings] } == "goaway ENHANCE_YOUR_CALM")
    }

    @Test func emptyDataFlood() throws {
        #expect(
            try flood { ($0 == 0 ? [.request(1, end: false)] : []) + [.data(1, [])] }
                == "goaway ENHANCE_YOUR_CALM")
    }

    @Test func priorityFlood() throws {
        #expect(
            try flood { _ in [TestFrame(type: 2, stream: 1, payload: [0, 0, 0, 0, 1])] }
                == "goaway ENHANCE_YOUR_CALM")
    }

    @Test func streamErrorFlood() throws {
        #expect(
            try flood { [TestFrame(type: 1, flags: 5, stream: $0 * 2 + 1, payload: [0x83])] }
                == "goaway ENHANCE_YOUR_CALM")
    }

    @Test func continuationFlood() throws {
        #expect(
            try flood(
                { [TestFrame(type: $0 == 0 ? 1 : 9, stream: 1, payload: [0x83])] }, times: 100)
                == "goaway ENHANCE_YOUR_CALM")
    }

    @Test func headerListBomb() throws {
        // One large field in the table, then many references to it.
        let big = [0x40, 1, 0x78, 0x7F, 0xA1, 0x1E] + [UInt8](repeating: 0x61, count: 4000)
        let fixture = try HTTP2Fixture()
        try fixture.send(.request(1, more: big))
        #expect(fixture.session.events == ["headers 1 / end"])
        try fixture.send(.request(3, more: [UInt8](repeating: 0xBE, count: 1000)))
        #expect(try fixture.verdict() == "goaway ENHANCE_YOUR_CALM")
    }

    @Test func usefulWorkIsNoFlood() throws {
        let fixture = try HTTP2Fixture()
        for index: UInt32 in 0..<5000 {
            let id = index * 2 + 1
            fixture.session.onHeaders = { [session = fixture.session] id in
                session.transport?.write(
                    headers: HTTP2HeaderList([":status": "200"]), stream: id, endStream: true)
            }
            try fixture.send(
                .request(id, end: false), .data(id, [1], end: true),
                TestFrame(type: 6, payload: [UInt8](repeating: 0, count: 8)))
            _ = try fixture.frames()
        }
        #expect(!fixture.session.isClosed)
    }
}

extension HTTP2Fixture {
    /// The last word rather than the first.
    func verdict2() throws -> String {
        guard let last = try frames().last(where: { $0.type == 7 }) else { return "nothing" }
        var payload = ByteBuffer(bytes: last.payload)
        let (_, code) = payload.readMultipleIntegers(as: (UInt32, UInt32).self)!
        return "goaway \(HTTP2Code(rawValue: code))"
    }
}
