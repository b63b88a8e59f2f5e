import NIOCore
import Testing

@testable import WeirNet

@Suite struct MismatchTests {
    @Test func http1ToAGRPCPort() throws {
        let fixture = try ServerFixture { $0.allowsHTTP = false }
        defer { try? fixture.stop() }
        let url = "http://127.0.0.1:\(fixture.port)/v1/traces"
        let first = try run("curl", "-s", "-w", " %{http_code}", "-d", "x", url)
        #expect(first.out.contains("for OTLP over HTTP use the HTTP port"))
        #expect(first.out.hasSuffix(" 505"))
        let second = try run(
            "curl", "-s", "--http2-prior-knowledge", "-w", " %{http_code}", "-d", "x", url)
        #expect(second.out.hasSuffix(" 415"))
        #expect(fixture.mismatchKinds == [.http1OnGRPCPort, .httpOnGRPCPort])
    }

    @Test func grpcToAnHTTPPort() throws {
        let fixture = try ServerFixture { $0.allowsGRPC = false }
        defer { try? fixture.stop() }
        let client = try fixture.client(.grpc)
        defer { try? client.close().wait() }
        let status = client.call(ClientRequest(path: "/s/m", parts: [])).response?.grpc
        #expect(status?.code == .unimplemented)
        #expect(status?.message.contains("for OTLP over gRPC use the gRPC port") == true)
        #expect(fixture.mismatchKinds == [.grpcOnHTTPPort])
    }

    @Test(arguments: ["SSH-2.0-OpenSSH_9\r\n", "\0\0\0\0", "EHLO"])
    func garbageIsClosedAndCounted(text: String) throws {
        let fixture = try ServerFixture { $0.readHeaderTimeout = .milliseconds(100) }
        defer { try? fixture.stop() }
        let socket = try RawSocket(port: fixture.port)
        socket.send(text)
        #expect(socket.receive().isEmpty)
        // Four letters might still become a method: those end by the timeout.
        #expect(fixture.mismatchKinds == (text == "EHLO" ? [] : [.garbage]))
    }
}
