import Foundation
import NIOCore
import NIOEmbedded
import NIOPosix
import Synchronization
import Testing
import WeirTestKit

@testable import WeirNet

/// Byte streams against servers that behave, and against those that do not.
@Suite(.timeLimit(.minutes(2))) struct StreamTests {
    private let files = Certificates.shared

    /// What a server does with a connection, once it is there.
    private struct Peer {
        var hello: String?
        var echoes = false
        var closes = false
    }

    private static func server(_ peer: Peer) throws -> (any Channel, Int) {
        let channel = try ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(PeerHandler(peer))
                }
            }
            .bind(host: "127.0.0.1", port: 0).wait()
        return (channel, channel.localAddress!.port!)
    }

    private final class PeerHandler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        let peer: Peer
        init(_ peer: Peer) { self.peer = peer }

        func channelActive(context: ChannelHandlerContext) {
            if let hello = peer.hello {
                context.writeAndFlush(NIOAny(ByteBuffer(string: hello)), promise: nil)
            }
            if peer.closes { context.close(promise: nil) }
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            if peer.echoes { context.writeAndFlush(data, promise: nil) }
        }
    }

    private static func connect(
        _ options: StreamOptions, seconds: Int64 = 10,
        opened: (ByteStream) -> Void = { _ in }
    ) throws -> ByteStream {
        try ByteStream.connect(
            options, group: MultiThreadedEventLoopGroup.singleton,
            deadline: .now() + .seconds(seconds),
            clock: { NIODeadline.now().uptimeNanoseconds }, opened: opened)
    }

    private static func options(_ port: Int, _ host: String = "127.0.0.1") -> StreamOptions {
        StreamOptions(endpoint: .tcp(host: host, port: port))
    }

    private static var soon: NIODeadline { .now() + .seconds(10) }

    private static func failure(_ body: () throws -> Void) -> NetError? {
        do { try body() } catch { return error as? NetError }
        return nil
    }

    @Test(arguments: ["127.0.0.1", "localhost"]) func echoes(host: String) async throws {
        try await onThread {
            let (server, port) = try Self.server(Peer(echoes: true))
            defer { try? server.close().wait() }
            let stream = try Self.connect(Self.options(port, host))
            defer { stream.close() }
            #expect(stream.address == "127.0.0.1:\(port)")
            #expect(stream.report == nil)
            let moments = stream.moments
            #expect(moments.began > 0 && moments.began <= moments.resolved)
            #expect(moments.resolved <= moments.connected && moments.secured == 0)
            let sent = [UInt8]((0..<3_000_000).map { UInt8(truncatingIfNeeded: $0) })
            // More than sockets hold: the reader begins while the writer is at it.
            let writer = Thread { try? stream.write(ByteBuffer(bytes: sent), deadline: Self.soon) }
            writer.start()
            var received: [UInt8] = []
            while received.count < sent.count {
                let bytes = try stream.read(limit: 70_000, deadline: Self.soon)
                if bytes.readableBytes == 0 { break }
                #expect(bytes.readableBytes <= 70_000)
                received += bytes.readableBytesView
            }
            #expect(received == sent)
        }
    }

    @Test func readsToTheEnd() async throws {
        try await onThread {
            let (server, port) = try Self.server(Peer(hello: "bye", closes: true))
            defer { try? server.close().wait() }
            let stream = try Self.connect(Self.options(port))
            var text = ""
            while true {
                let bytes = try stream.read(limit: 2, deadline: Self.soon)
                if bytes.readableBytes == 0 { break }
                text += String(buffer: bytes)
            }
            #expect(text == "bye")
            #expect(try stream.read(limit: 2, deadline: Self.soon).readableBytes == 0)
        }
    }

    @Test func deadlinesAreHard() async throws {
        try await onThread {
            let (server, port) = try Self.server(Peer())
            defer { try? server.close().wait() }
            let stream = try Self.connect(Self.options(port))
            let began = ContinuousClock.now
            let error = Self.failure {
                _ = try stream.read(limit: 1, deadline: .now() + .milliseconds(100))
            }
            #expect(error?.kind == .timeout)
            #expect(.now - began < .seconds(5))
        }
    }

    /// A server that sends without an end does not put the end off.
    @Test func deadlinesAreHardWhereThereIsAlwaysMore() async throws {
        try await onThread {
            let (server, port) = try Self.server(Peer(hello: String(repeating: "x", count: 9)))
            defer { try? server.close().wait() }
            let stream = try Self.connect(Self.options(port))
            let past = NIODeadline.now()
            #expect(try stream.read(limit: 1, deadline: Self.soon).readableBytes == 1)
            let error = Self.failure { _ = try stream.read(limit: 1, deadline: past) }
            #expect(error?.kind == .timeout)
            stream.close()
        }
    }

    /// What was read is given back, also where something is always left to read.
    @Test func memoryIsBounded() throws {
        let inbox = StreamInbox()
        let channel = EmbeddedChannel(handler: inbox)
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        for _ in 0..<2000 {
            try channel.writeInbound(ByteBuffer(repeating: 0, count: 30_000))
            let promise = channel.eventLoop.makePromise(of: ByteBuffer.self)
            inbox.read(limit: 29_999, promise)
            #expect(try promise.futureResult.wait().readableBytes == 29_999)
        }
        #expect(inbox.capacity < 1 << 20)
        _ = try channel.finish(acceptAlreadyClosed: true)
    }

    /// What blocks ends when the component is asked to stop, and so does what comes later.
    @Test func cancels() async throws {
        try await onThread {
            let (server, port) = try Self.server(Peer())
            defer { try? server.close().wait() }
            let stream = try Self.connect(Self.options(port))
            let canceller = Thread {
                usleep(50_000)
                stream.cancel()
            }
            canceller.start()
            #expect(
                Self.failure { _ = try stream.read(limit: 1, deadline: Self.soon) }?.kind
                    == .cancelled)
            #expect(
                Self.failure { try stream.write(ByteBuffer(string: "x"), deadline: Self.soon) }?
                    .kind == .cancelled)
            let connecting = Self.failure {
                _ = try Self.connect(Self.options(port), opened: { $0.cancel() })
            }
            #expect(connecting?.kind == .cancelled)
        }
    }

    /// Nobody waits for ever for room in a peer that reads nothing.
    @Test func writingToADeafPeerEnds() async throws {
        try await onThread {
            let server = try ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .childChannelOption(.autoRead, value: false)
                .bind(host: "127.0.0.1", port: 0).wait()
            defer { try? server.close().wait() }
            let stream = try Self.connect(Self.options(server.localAddress!.port!))
            let error = Self.failure {
                try stream.write(
                    ByteBuffer(repeating: 0, count: 64 << 20), deadline: .now() + .milliseconds(300)
                )
            }
            #expect(error?.kind == .timeout)
            stream.close()
        }
    }

    @Test func unixSockets() async throws {
        try await onThread {
            let folder = try TemporaryFolder()
            let path = folder.path("socket")
            let server = try ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(
                            PeerHandler(Peer(echoes: true)))
                    }
                }
                .bind(unixDomainSocketPath: path).wait()
            defer { try? server.close().wait() }
            let stream = try Self.connect(StreamOptions(endpoint: .unix(path: path)))
            try stream.write(ByteBuffer(string: "hello"), deadline: Self.soon)
            #expect(String(buffer: try stream.read(limit: 9, deadline: Self.soon)) == "hello")
            #expect(stream.address == "unix:\(path)")
            let error = Self.failure {
                _ = try Self.connect(StreamOptions(endpoint: .unix(path: path + "x")))
            }
            #expect(error?.message.contains("does not exist") == true, "\(error as Any)")
        }
    }

    @Test func namesWhatFailed() async throws {
        try await onThread {
            let refused = Self.failure { _ = try Self.connect(Self.options(1)) }
            #expect(
                refused?.message.hasPrefix("cannot connect to 127.0.0.1:1: connection refused")
                    == true,
                "\(refused as Any)")
            let unknown = Self.failure {
                _ = try Self.connect(Self.options(1, "no-such-host.invalid"))
            }
            #expect(unknown?.message.contains("is not known") == true, "\(unknown as Any)")
            #expect(unknown?.kind == .connectFailed)
        }
    }

    /// A thousand connections, of which two in three fail, leave nothing open.
    @Test func failuresLeakNoDescriptors() async throws {
        try await onThread {
            let (server, port) = try Self.server(Peer(hello: "not TLS\r\n", closes: true))
            defer { try? server.close().wait() }
            var secure = Self.options(port)
            secure.tls = ClientTLSOptions()
            secure.tls?.insecureSkipVerify = true
            func once() {
                _ = Self.failure { _ = try Self.connect(Self.options(1)) }
                _ = Self.failure { _ = try Self.connect(secure) }
                guard let stream = try? Self.connect(Self.options(port)) else { return }
                _ = Self.failure {
                    while try stream.read(limit: 100, deadline: Self.soon).readableBytes != 0 {}
                }
                stream.close()
            }
            func descriptors() throws -> Int {
                try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
            }
            for _ in 0..<20 { once() }
            let before = try descriptors()
            for _ in 0..<334 { once() }
            // Other tests run beside this one, and have sockets of their own.
            let limit = ContinuousClock.now + .seconds(10)
            while try descriptors() > before + 50, .now < limit { usleep(10_000) }
            #expect(try descriptors() <= before + 50)
        }
    }
}
