import CWeir
import Foundation
import NIOCore
import NIOPosix
import Synchronization
import Testing
import WeirTestKit

@testable import WeirRuntime

/// weir/ext/stream.h as a plugin calls it.
@Suite(.timeLimit(.minutes(1))) struct StreamTableTests {
    private final class Echo: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            context.writeAndFlush(data, promise: nil)
        }
    }

    /// A component, a server that echoes, and the table.
    private final class Setting {
        let component = ScriptedComponent()
        let server: any Channel
        let api: weir_stream_api
        var error = weir_error.make()

        init() throws {
            try component.instance.create(settings: [])
            api =
                HostExtensions.find(WEIR_EXT_STREAM)!
                .assumingMemoryBound(to: weir_stream_api.self).pointee
            server = try ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(Echo())
                    }
                }
                .bind(host: "127.0.0.1", port: 0).wait()
        }

        deinit { try? server.close().wait() }

        var port: Int { server.localAddress!.port! }

        func connect(_ settings: String) -> (weir_status, OpaquePointer?) {
            var stream: OpaquePointer?
            let status = withText(settings) {
                api.connect(component.host, $0, 0, &stream, &error)
            }
            return (status, stream)
        }

        func write(_ stream: OpaquePointer, _ text: String) -> weir_status {
            withText(text) { api.write(component.host, stream, $0, 0, &error) }
        }

        func read(_ stream: OpaquePointer, deadline: UInt64 = 0) -> (weir_status, String) {
            var bytes = [UInt8](repeating: 0, count: 100)
            var length = 0
            let status = api.read(
                component.host, stream, &bytes, bytes.count, &length, deadline, &error)
            return (status, String(decoding: bytes.prefix(length), as: UTF8.self))
        }
    }

    @Test func talks() async throws {
        try await onThread {
            let setting = try Setting()
            let (status, made) = setting.connect(#"{"endpoint": "127.0.0.1:\#(setting.port)"}"#)
            #expect(status == Status.ok, "\(setting.error.text)")
            let stream = try #require(made)
            #expect(setting.write(stream, "hello") == Status.ok)
            #expect(setting.read(stream) == (Status.ok, "hello"))
            #expect(
                setting.api.tls_info(
                    setting.component.host, stream, { _, _ in }, nil, &setting.error)
                    == Status.unsupported)
            // A caller built against an older struct gets what it has room for.
            var info = weir_stream_info()
            info.size = 16
            info.connected_ns = 77
            setting.api.info(setting.component.host, stream, &info)
            #expect(info.connected_ns == 77 && info.size == 16)
            info.size = UInt32(MemoryLayout<weir_stream_info>.size)
            setting.api.info(setting.component.host, stream, &info)
            let address = withUnsafeBytes(of: info.address) {
                String(decoding: $0.prefix(Int(info.address_length)), as: UTF8.self)
            }
            #expect(address == "127.0.0.1:\(setting.port)")
            #expect(info.secured_ns == 0)
            // The clock is virtual, and what is left of a deadline passes in real time.
            let now = setting.component.time.monotonicNano
            #expect(setting.read(stream, deadline: now + 50_000_000).0 == Status.timeout)
            #expect(setting.component.instance.streams.count == 1)
            setting.api.close(setting.component.host, stream)
            #expect(setting.component.instance.streams.count == 0)
        }
    }

    @Test(arguments: [
        ("{}", WEIR_INVALID, "endpoint is missing"),
        ("[", WEIR_INVALID, "not JSON"),
        (#"{"endpoint": "nowhere"}"#, WEIR_INVALID, "no port"),
        (#"{"endpoint": "127.0.0.1:1"}"#, WEIR_RETRY, "connection refused"),
        (#"{"endpoint": "unix:/no/such"}"#, WEIR_RETRY, "does not exist"),
        (
            #"{"endpoint": "127.0.0.1:1", "tls": {"ca_file": "/no/such"}}"#, WEIR_RETRY, "refused"
        ),
    ])
    func refuses(_ settings: String, _ status: Int, _ text: String) async throws {
        try await onThread {
            let setting = try Setting()
            let (found, _) = setting.connect(settings)
            #expect(found == weir_status(status))
            #expect(setting.error.text.contains(text), "\(setting.error.text)")
            #expect(setting.component.instance.streams.count == 0)
        }
    }

    /// What blocks ends as soon as the component is asked to stop.
    @Test func endsWithItsComponent() async throws {
        try await onThread {
            let setting = try Setting()
            let stream = try #require(
                setting.connect(#"{"endpoint": "127.0.0.1:\#(setting.port)"}"#).1)
            let instance = setting.component.instance!
            let stopper = Thread {
                usleep(50_000)
                instance.cancel()
            }
            stopper.start()
            #expect(setting.read(stream).0 == Status.cancelled)
            let (late, none) = setting.connect(#"{"endpoint": "127.0.0.1:\#(setting.port)"}"#)
            #expect(late == Status.cancelled && none == nil)
            setting.api.close(setting.component.host, stream)
        }
    }

    /// Those that it wants to use in stop() end with that.
    @Test func someAreKeptUntilStopHasEnded() async throws {
        try await onThread {
            let setting = try Setting()
            let endpoint = #""endpoint": "127.0.0.1:\#(setting.port)""#
            let kept = "{\(endpoint), \"kept_at_stop\": true}"
            let plain = try #require(setting.connect("{\(endpoint)}").1)
            let stream = try #require(setting.connect(kept).1)
            let instance = setting.component.instance!
            let gate = setting.component.holdStop()
            let hasStopped = DispatchSemaphore(value: 0)
            let stopper = Thread {
                try? instance.stop(deadlineNano: 0)
                hasStopped.signal()
            }
            stopper.start()
            gate.waitUntilEntered()
            #expect(setting.read(plain).0 == Status.cancelled)
            #expect(setting.write(stream, "the end") == Status.ok)
            #expect(setting.read(stream) == (Status.ok, "the end"))
            let (late, other) = setting.connect(kept)
            #expect(late == Status.ok && other != nil)
            gate.leave()
            hasStopped.wait()
            #expect(setting.read(stream).0 == Status.cancelled)
            for stream in [plain, stream, other] {
                if let stream { setting.api.close(setting.component.host, stream) }
            }
            #expect(instance.streams.count == 0)
        }
    }

    @Test func certificatesOfNothing() throws {
        let setting = try Setting()
        let status = withText("no certificate") {
            setting.api.read_certificates(
                setting.component.host, $0, { _, _, _ in }, nil, &setting.error)
        }
        #expect(status == Status.invalid)
        #expect(setting.error.text.contains("expected PEM"))
    }
}
