import NIOCore
import Synchronization
import Testing
import WeirTestKit

@testable import WeirNet

@Suite struct TLSTests {
    private let files = Certificates.shared

    private func secure(clientCA: Bool = false) -> ServerTLSOptions {
        ServerTLSOptions(
            certFile: files.path("server.pem"), keyFile: files.path("server.key"),
            clientCAFile: clientCA ? files.path("ca.pem") : nil)
    }

    private func client(
        _ fixture: ServerFixture, _ version: ClientOptions.Version = .grpc,
        _ configure: (inout ClientOptions) -> Void = { _ in }
    ) throws -> HTTPClient {
        try fixture.client(version) {
            $0.target = try! TargetURL(parsing: "https://localhost:\(fixture.port)")
            $0.tls.caFile = files.path("ca.pem")
            configure(&$0)
        }
    }

    @Test(arguments: [ClientOptions.Version.http1, .http2, .grpc])
    func roundTrip(version: ClientOptions.Version) throws {
        let fixture = try ServerFixture { $0.tls = secure() }
        defer { try? fixture.stop() }
        let client = try client(fixture, version)
        defer { try? client.close().wait() }
        let response = try client.call(
            ClientRequest(path: "/s/m", parts: [ByteBuffer(repeating: 5, count: 300_000)])
        ).get()
        #expect(response.status == 200)
        #expect(response.body.readableBytes == 300_000)
    }

    @Test func curlNegotiates() throws {
        let fixture = try ServerFixture { $0.tls = secure() }
        defer { try? fixture.stop() }
        for (option, version) in [("--http1.1", "1.1"), ("--http2", "2")] {
            let answer = try run(
                "curl", "-s", option, "--cacert", files.path("ca.pem"), "-w", " %{http_version}",
                "-d", "x", "https://localhost:\(fixture.port)/")
            #expect(answer.out == "x \(version)")
        }
    }

    /// Whoever has no certificate is let in, whoever has a stranger's is not.
    @Test func aClientCertificateMayBeOptional() throws {
        let fixture = try ServerFixture {
            $0.tls = secure(clientCA: true)
            $0.tls?.clientCertificateIsOptional = true
            $0.tls?.offersHTTP2 = false
        }
        defer { try? fixture.stop() }
        for (name, expected) in [(nil, "x 1.1"), ("client", "x 1.1"), ("other", " 0")] {
            let own = name.map {
                "cert = \"\(files.path("\($0).pem"))\"\nkey = \"\(files.path("\($0).key"))\"\n"
            }
            let answer = try run(
                "curl", "-s", "--cacert", files.path("ca.pem"), "-w", " %{http_version}", "-d", "x",
                "-K", "-", "https://localhost:\(fixture.port)/", input: Array((own ?? "").utf8))
            #expect(answer.out == expected, "\(name ?? "none")")
        }
    }

    /// A certificate that was renewed is shown without a restart.
    @Test func aNewCertificateIsShown() throws {
        let folder = try TemporaryFolder()
        func put(_ name: String) throws {
            for ending in ["pem", "key"] {
                let text = try files.folder.read("\(name).\(ending)")
                _ = try folder.write(text, to: "now.\(ending)")
            }
        }
        try put("server")
        let source = ServerTLSOptions(
            certFile: folder.path("now.pem"), keyFile: folder.path("now.key")
        ).source
        let (start, first) = (NIODeadline.now(), try source.value())
        #expect(try source.value(at: start + .seconds(2)) === first)
        try put("client")
        let second = try source.value(at: start + .seconds(4))
        #expect(second !== first)
        // Half of a pair, as it is for a moment, changes nothing.
        _ = try folder.write("", to: "now.key")
        #expect(try source.value(at: start + .seconds(6)) === second)
    }

    @Test func clientCertificate() throws {
        let fixture = try ServerFixture { $0.tls = secure(clientCA: true) }
        defer { try? fixture.stop() }
        let known = try client(fixture) {
            $0.tls.certFile = files.path("client.pem")
            $0.tls.keyFile = files.path("client.key")
        }
        defer { try? known.close().wait() }
        #expect(known.call(ClientRequest(path: "/s/m", parts: [])).response?.grpc == .ok)
        #expect(fixture.handler.log.withLock { $0.subjects } == ["weir client"])

        for (certificate, key) in [(nil, nil), ("other.pem", "other.key")] as [(String?, String?)] {
            let stranger = try client(fixture) {
                $0.tls.certFile = certificate.map(files.path)
                $0.tls.keyFile = key.map(files.path)
            }
            defer { try? stranger.close().wait() }
            #expect(stranger.call(ClientRequest(path: "/s/m", parts: [])).error != nil)
        }
        #expect(fixture.handler.log.withLock { $0.paths }.count == 1)
    }

    @Test func untrustedAndWrongName() throws {
        let fixture = try ServerFixture { $0.tls = secure() }
        defer { try? fixture.stop() }
        let untrusting = try client(fixture) { $0.tls.caFile = files.path("other.pem") }
        let misled = try client(fixture) { $0.tls.serverNameOverride = "elsewhere.example" }
        let careless = try client(fixture) {
            $0.tls.caFile = files.path("other.pem")
            $0.tls.insecureSkipVerify = true
        }
        let request = ClientRequest(path: "/s/m", parts: [], timeout: .seconds(5))
        let first = try #require(untrusting.call(request).error)
        #expect(first.kind == .tls)
        #expect(first.message.contains("set ca_file"))
        #expect(first.isSafeToRetry)
        let second = try #require(misled.call(request).error)
        #expect(second.kind == .tls)
        #expect(second.message.contains("server_name_override"))
        #expect(careless.call(request).response?.grpc == .ok)
        for client in [untrusting, misled, careless] { try client.close().wait() }
    }

    @Test(arguments: [ClientOptions.Version.http1, .grpc])
    func tlsToAPlaintextPort(version: ClientOptions.Version) throws {
        let fixture = try ServerFixture()
        defer { try? fixture.stop() }
        let client = try client(fixture, version)
        defer { try? client.close().wait() }
        let error = try #require(client.call(ClientRequest(path: "/s/m", parts: [])).error)
        #expect(error.kind == .tls)
        #expect(fixture.mismatchKinds == [.tlsOnPlaintextPort])
        #expect(fixture.mismatchTexts[0].contains("set insecure: true"))
        #expect(fixture.server.counters.snapshot.mismatches == [.tlsOnPlaintextPort: 1])
    }

    @Test func plaintextToATLSPort() throws {
        let fixture = try ServerFixture { $0.tls = secure() }
        defer { try? fixture.stop() }
        let answer = try run(
            "curl", "-s", "-w", " %{http_code}", "http://127.0.0.1:\(fixture.port)/")
        #expect(answer.out.contains("sent plaintext to the TLS port"))
        #expect(answer.out.hasSuffix(" 400"))
        let client = try fixture.client(.grpc)
        defer { try? client.close().wait() }
        let error = try #require(client.call(ClientRequest(path: "/s/m", parts: [])).error)
        #expect(error.message.contains("sent plaintext to the TLS port"))
        #expect(fixture.mismatchKinds == [.plaintextOnTLSPort, .plaintextOnTLSPort])
    }

    @Test func wrongFilesAreNamed() throws {
        let missing = "cannot be read: No such file or directory"
        for (cert, key, option, reason) in [
            ("missing.pem", "server.key", "cert_file \"\(files.path("missing.pem"))\"", missing),
            ("server.pem", "missing.key", "key_file \"\(files.path("missing.key"))\"", missing),
            ("server.key", "server.key", "cert_file", "expected a PEM file"),
        ] {
            let error = #expect(throws: NetError.self) {
                try ServerFixture {
                    $0.tls = ServerTLSOptions(certFile: files.path(cert), keyFile: files.path(key))
                }
            }
            #expect(error?.kind == .tls)
            #expect(error?.message.contains(option) == true)
            #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
        }
    }
}
