import NIOCore
import NIOEmbedded
import NIOHPACK

@testable import WeirNet

/// A frame as a test writes or reads it.
struct TestFrame: Equatable, CustomStringConvertible {
    var type: UInt8
    var flags: UInt8 = 0
    var stream: UInt32 = 0
    var payload: [UInt8] = []

    var bytes: [UInt8] {
        var out = ByteBuffer()
        HTTP2FrameHeader(length: payload.count, type: type, flags: flags, stream: stream)
            .write(to: &out)
        return Array(out.readableBytesView) + payload
    }

    var description: String {
        "type \(type) flags \(flags) stream \(stream) payload \(payload.prefix(16)) (\(payload.count))"
    }

    static let settings = TestFrame(type: 4)
    static let settingsAck = TestFrame(type: 4, flags: 1)
    /// POST http /
    static func request(_ stream: UInt32, end: Bool = true, more: [UInt8] = []) -> TestFrame {
        TestFrame(
            type: 1, flags: end ? 5 : 4, stream: stream, payload: [0x83, 0x86, 0x84] + more)
    }
    static func data(_ stream: UInt32, _ payload: [UInt8], end: Bool = false) -> TestFrame {
        TestFrame(type: 0, flags: end ? 1 : 0, stream: stream, payload: payload)
    }
    static func reset(_ stream: UInt32, _ code: UInt32 = 8) -> TestFrame {
        TestFrame(type: 3, stream: stream, payload: code.bytes)
    }
    static func windowUpdate(_ stream: UInt32, _ increment: UInt32) -> TestFrame {
        TestFrame(type: 8, stream: stream, payload: increment.bytes)
    }
    static func setting(_ id: UInt16, _ value: UInt32) -> TestFrame {
        TestFrame(type: 4, payload: [UInt8(id >> 8), UInt8(id & 255)] + value.bytes)
    }
}

extension UInt32 {
    var bytes: [UInt8] { [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: self >> UInt32($0)) } }
}

/// Notes what a connection reports.
final class RecordingSession: HTTP2Session {
    var transport: (any HTTP2Transport)?
    var events: [String] = []
    var dataBytes: [UInt32: Int] = [:]
    var error: NetError?
    var isClosed = false
    var maxStreams: Int?
    var onHeaders: ((UInt32) -> Void)?

    func started(_ transport: any HTTP2Transport) { self.transport = transport }
    func received(headers: HTTP2HeaderBlock, stream: UInt32, endStream: Bool) {
        let path = headers.headers.first(name: ":path") ?? headers.headers.first(name: ":status")
        events.append("headers \(stream) \(path ?? "trailers")\(endStream ? " end" : "")")
        onHeaders?(stream)
    }
    func received(data: inout ByteBuffer, stream: UInt32, endStream: Bool) {
        dataBytes[stream, default: 0] += data.readableBytes
        if endStream { events.append("data \(stream) \(dataBytes[stream]!) end") }
    }
    func received(reset code: HTTP2Code, stream: UInt32) {
        events.append("reset \(stream) \(code)")
    }
    func received(goAway lastStream: UInt32, code: HTTP2Code, text: String) {
        events.append("goaway \(lastStream) \(code) \(text)")
    }
    func received(maxConcurrentStreams: Int) { maxStreams = maxConcurrentStreams }
    func receivedPingAnswer() { events.append("pong") }
    func readComplete() {}
    func closed(_ error: NetError?) {
        isClosed = true
        self.error = error
    }
}

/// A connection without a socket.
struct HTTP2Fixture {
    let channel = EmbeddedChannel()
    let session = RecordingSession()
    static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

    init(isServer: Bool = true, handshake: Bool = true, window: Int = 1 << 20) throws {
        let limits = HTTP2Limits(
            streamWindow: window, connectionWindow: 2 << 20, maxHeaderListBytes: 16 << 10,
            maxConcurrentStreams: 10)
        try HTTP2Connection.add(
            to: channel, session: session, limits: limits, isServer: isServer, peerName: "peer")
        channel.connect(to: try SocketAddress(unixDomainSocketPath: "/x"), promise: nil)
        if handshake {
            if isServer { try send(Self.preface) }
            try send(.settings)
            _ = try frames()
        }
    }

    func send(_ bytes: [UInt8]) throws { try channel.writeInbound(ByteBuffer(bytes: bytes)) }
    func send(_ frames: TestFrame...) throws { try send(frames.flatMap(\.bytes)) }

    /// The frames that the connection has written since the last call.
    func frames() throws -> [TestFrame] {
        var all = ByteBuffer()
        while var part = try channel.readOutbound(as: ByteBuffer.self) { all.writeBuffer(&part) }
        if all.readableBytesView.starts(with: Self.preface) { all.moveReaderIndex(forwardBy: 24) }
        var found: [TestFrame] = []
        while let header = HTTP2FrameHeader(reading: &all) {
            found.append(
                TestFrame(
                    type: header.type, flags: header.flags, stream: header.stream,
                    payload: all.readBytes(length: header.length)!))
        }
        return found
    }

    /// The code of the GOAWAY or of the reset of a stream that came out.
    func verdict() throws -> String {
        for frame in try frames() {
            var payload = ByteBuffer(bytes: frame.payload)
            if frame.type == 7 {
                let (_, code) = payload.readMultipleIntegers(as: (UInt32, UInt32).self)!
                return "goaway \(HTTP2Code(rawValue: code))"
            }
            if frame.type == 3 {
                return "reset \(frame.stream) \(HTTP2Code(rawValue: payload.readInteger()!))"
            }
        }
        return "nothing"
    }
}
