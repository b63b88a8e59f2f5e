import Foundation
import NIOCore
import Synchronization
import Testing
import WeirTestKit

@testable import WeirNet

@Suite struct AuthorizationTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func write(_ text: String, _ name: String) throws -> String {
        try folder.write(text, to: name)
    }

    private func sent(_ authorization: ClientAuthorization) throws -> String? {
        let server = try ScriptedServer { _, connection in connection.answer() }
        defer { server.stop() }
        let client = try scriptedClient(server.url) { $0.authorization = authorization }
        defer { try? client.close().wait() }
        _ = try client.call(get()).get()
        return server.requests[0].header("authorization")
    }

    @Test func header() throws {
        // RFC 7617, 2.
        #expect(
            try sent(.init(.basic(user: .text("Aladdin")), .text("open sesame")))
                == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")
        #expect(try sent(.init(.named("Bearer"), .text("abc"))) == "Bearer abc")
        #expect(try sent(.init(.named("Bearer"), .file(write(" abc\n", "token")))) == "Bearer abc")
        #expect(
            try sent(
                .init(
                    .basic(user: .file(write("Aladdin\n", "u"))), .file(write("open sesame", "p"))))
                == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")
    }

    @Test func aFileThatIsNotThere() throws {
        let client = try scriptedClient("http://127.0.0.1:1") {
            $0.authorization = .init(.named("Bearer"), .file("\(folder.path)/none"))
        }
        defer { try? client.close().wait() }
        let error = try #require(client.call(get()).error)
        #expect(error.kind == .credentials)
        #expect(
            error.message
                == "the credentials in \(folder.path)/none cannot be read: No such file or directory"
        )
    }

    @Test func filesAreReadAgainWhenTheyHaveChanged() throws {
        let path = try write("one", "t")
        let loads = Mutex(0)
        let source = FromFiles([path]) { () throws(NetError) in
            loads.withLock { $0 += 1 }
            guard let text = try? String(contentsOfFile: path, encoding: .utf8), !text.isEmpty
            else {
                throw NetError(.credentials, "empty")
            }
            return text
        }
        let start = NIODeadline.now()
        #expect(try source.value(at: start) == "one")
        _ = try write("two!", "t")
        #expect(try source.value(at: start + .milliseconds(900)) == "one", "not looked at yet")
        #expect(try source.value(at: start + .milliseconds(1100)) == "two!")
        #expect(try source.value(at: start + .seconds(5)) == "two!")
        #expect(loads.withLock { $0 } == 2, "what has not changed is not read")
        _ = try write("", "t")
        #expect(try source.value(at: start + .seconds(7)) == "two!", "half written")
        _ = try write("three", "t")
        #expect(try source.value(at: start + .seconds(9)) == "three")
    }

    @Test func certificatesAreReadAgainAndSharedByClients() throws {
        let certificates = Certificates.shared
        let ca = try String(contentsOfFile: certificates.path("ca.pem"), encoding: .utf8)
        let other = try String(contentsOfFile: certificates.path("other.pem"), encoding: .utf8)
        var options = ClientTLSOptions()
        options.caFile = try write(other, "ca.pem")
        let source = try ClientTLS.source(options, .http1)
        #expect(try ClientTLS.source(options, .http1) === source)
        #expect(try ClientTLS.source(options, .grpc) !== source)
        let first = try source.value()
        #expect(try source.value(at: .now() + .seconds(2)) === first)
        _ = try write(ca, "ca.pem")
        #expect(try source.value(at: .now() + .seconds(4)) !== first)
        // And a client that was refused before is served.
        let fixture = try ServerFixture {
            $0.tls = ServerTLSOptions(
                certFile: certificates.path("server.pem"), keyFile: certificates.path("server.key"))
        }
        defer { try? fixture.stop() }
        let client = try scriptedClient("https://localhost:\(fixture.port)") { $0.tls = options }
        defer { try? client.close().wait() }
        #expect(client.call(get("/x")).response?.status == 200)
    }

    @Test func failuresAreNamed() throws {
        let client = try scriptedClient("http://no-such-host.invalid:1") {
            $0.timeout = .seconds(20)
        }
        defer { try? client.close().wait() }
        let error = try #require(client.call(get()).error)
        #expect(error.kind == .connectFailed)
        #expect(
            error.message.hasPrefix(
                "cannot connect to no-such-host.invalid:1: the name no-such-host.invalid cannot be resolved"
            ), "\(error.message)")
    }
}
