import NIOCore
import NIOHPACK
import NIOPosix
import Synchronization
import Testing

@testable import WeirNet

/// Servers that a client has to get away from.
@Suite struct HostileServerTests {
    /// Answers the first bytes of a connection, says nothing more, and tells when it is left.
    private final class Mute: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer
        let answer: [UInt8]
        let hasAnswered = Atomic<Bool>(false)
        init(_ answer: [UInt8]) { self.answer = answer }
        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            guard !hasAnswered.exchange(true, ordering: .relaxed) else { return }
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: answer)), promise: nil)
        }
    }

    private func serve(
        _ answer: [UInt8], _ version: ClientOptions.Version,
        _ configure: (inout ClientOptions) -> Void = { _ in },
        _ body: (HTTPClient, EventLoopFuture<Void>) throws -> Void
    ) throws {
        let left = testGroup.next().makePromise(of: Void.self)
        let channel = try ServerBootstrap(group: testGroup).childChannelInitializer { channel in
            channel.closeFuture.whenComplete { _ in left.succeed() }
            return channel.pipeline.addHandler(Mute(answer))
        }.bind(host: "127.0.0.1", port: 0).wait()
        var options = ClientOptions(
            target: try TargetURL(
                parsing: "http://127.0.0.1:\(channel.localAddress!.port!)"), version: version)
        configure(&options)
        let client = try HTTPClient(options: options, group: testGroup)
        defer {
            try? client.close().wait()
            try? channel.close().wait()
            left.succeed()
        }
        try body(client, left.futureResult)
    }

    @Test func aServerWithoutSettingsIsNotWaitedForForEver() throws {
        try serve([], .grpc, { $0.connectTimeout = .milliseconds(100) }) { (client, left) throws in
            let error = try #require(
                client.call(ClientRequest(path: "/s/m", parts: [ByteBuffer(string: "x")])).error)
            #expect(error.kind == .connectFailed)
            #expect(error.isSafeToRetry)
            #expect(error.message.contains("is it an HTTP/2 (gRPC) server?"))
            try left.wait()
        }
    }

    @Test func aConnectionThatIsGoingAwayIsLeftWithWhatItHeldBack() throws {
        // No window for the body, and GOAWAY before any stream: nothing is left to wait for.
        let goAway = TestFrame(type: 7, payload: [UInt8](repeating: 0, count: 8))
        try serve(TestFrame.setting(4, 0).bytes + goAway.bytes, .grpc) { (client, left) throws in
            let request = ClientRequest(
                path: "/s/m", parts: [ByteBuffer(repeating: 1, count: 100_000)])
            #expect(client.call(request).error?.isSafeToRetry == true)
            let deadline = testGroup.next().scheduleTask(in: .seconds(5)) {}
            let winner = testGroup.next().makePromise(of: Bool.self)
            left.whenComplete { _ in winner.succeed(true) }
            deadline.futureResult.whenComplete { _ in winner.succeed(false) }
            let isLeft = try winner.futureResult.wait()
            #expect(isLeft)
        }
    }

    /// The table of gRPC for answers of proxies, which know nothing of grpc-status.
    @Test(arguments: [
        (400, GRPCCode.internal), (401, .unauthenticated), (403, .permissionDenied),
        (404, .unimplemented), (429, .unavailable), (502, .unavailable), (503, .unavailable),
        (504, .unavailable), (500, .unknown), (408, .unknown), (409, .unknown), (302, .unknown),
    ])
    func httpStatusWithoutGRPCStatus(status: Int, code: GRPCCode) {
        #expect(GRPCStatus(httpStatus: status, trailers: nil, target: "t").code == code)
    }

    /// The status says what became of the request; a body that is damaged does not change that.
    @Test func anAnswerThatCannotBeUnpackedKeepsItsStatus() throws {
        let answer = "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 3\r\n\r\nabc"
        try serve(Array(answer.utf8), .http1) { client, _ in
            let response = try client.call(ClientRequest(path: "/", parts: [])).get()
            #expect(response.status == 200)
            #expect(response.body.readableBytes == 0)
        }
    }

    @Test(
        arguments: [
            ("7", nil, 7), ("-5", nil, 0), ("abc", nil, nil), ("99999999", nil, 86400),
            ("Sat, 21 Nov 2026 07:00:30 GMT", "Sat, 21 Nov 2026 07:00:00 GMT", 30),
            ("Fri, 01 Mar 2024 00:00:00 GMT", "Thu, 29 Feb 2024 23:59:50 GMT", 10),
            ("Fri, 01 Jan 2027 00:00:01 GMT", "Thu, 31 Dec 2026 23:59:59 GMT", 2),
            ("Sat, 21 Nov 2026 06:00:00 GMT", "Sat, 21 Nov 2026 07:00:00 GMT", 0),
            // Without the server's time nothing can be said.
            ("Sat, 21 Nov 2026 07:00:30 GMT", nil, nil),
            ("Sat, 99 Nov 2026 07:00:30 GMT", "x", nil),
        ] as [(String, String?, Int64?)])
    func retryAfter(text: String, date: String?, seconds: Int64?) {
        var headers: HPACKHeaders = ["retry-after": text]
        if let date { headers.add(name: "date", value: date) }
        let response = ClientResponse(
            status: 503, headers: MessageHeaders(headers), body: ByteBuffer())
        #expect(response.retryDelay == seconds.map { .seconds($0) })
    }

    @Test func epoch() {
        #expect(HTTPDate("Sun, 06 Nov 1994 08:49:37 GMT")?.seconds == 784_111_777)
        #expect(HTTPDate("Thu, 01 Jan 1970 00:00:00 GMT")?.seconds == 0)
    }

    /// It is there, so the request may come again, however soon.
    @Test(arguments: [[UInt8](), [10, 0], [10, 2, 8, 0]])
    func retryInfoWithoutADelay(info: [UInt8]) {
        let type = Array("type.googleapis.com/google.rpc.RetryInfo".utf8)
        let any = [10, UInt8(type.count)] + type + [18, UInt8(info.count)] + info
        #expect(GRPCStatusDetails.retryDelay(in: [26, UInt8(any.count)] + any) == .zero)
    }
}
