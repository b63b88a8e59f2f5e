import Foundation
import NIOCore
import NIOPosix
import Testing
import WeirTestKit

@testable import WeirNet

/// TLS of streams, against openssl's own server.
@Suite(.serialized, .timeLimit(.minutes(2))) struct StreamTLSTests {
    private let files = Certificates.shared

    /// `openssl s_server -www`, which answers HTTP, until it is killed.
    private final class Server {
        let process = Process()
        let port: Int

        init(_ arguments: String...) throws {
            let listener = try ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .bind(host: "127.0.0.1", port: 0).wait()
            port = listener.localAddress!.port!
            try listener.close().wait()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            process.arguments =
                ["openssl", "s_server", "-www", "-quiet", "-accept", "127.0.0.1:\(port)"]
                + arguments
            process.standardOutput = FileHandle.nullDevice
            process.standardError = FileHandle.nullDevice
            try process.run()
            for _ in 0..<500 {
                if (try? RawSocket(port: port)) != nil { return }
                usleep(10_000)
            }
        }

        deinit {
            // A child inherits which signals are blocked, and this one cannot be.
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
    }

    private static func connect(
        _ port: Int, host: String = "localhost", _ change: (inout ClientTLSOptions) -> Void
    ) throws -> ByteStream {
        var options = StreamOptions(endpoint: .tcp(host: host, port: port))
        var tls = ClientTLSOptions()
        tls.caFile = Certificates.shared.path("ca.pem")
        change(&tls)
        options.tls = tls
        return try ByteStream.connect(
            options, group: MultiThreadedEventLoopGroup.singleton,
            deadline: .now() + .seconds(10), clock: { NIODeadline.now().uptimeNanoseconds })
    }

    private static func failure(_ body: () throws -> Void) -> String {
        do { try body() } catch { return "\(error)" }
        return "nothing failed"
    }

    private func server() throws -> Server {
        try Server("-cert", files.path("server.pem"), "-key", files.path("server.key"))
    }

    private func expired() throws -> String {
        let script = """
            cd \(files.folder.path); [ -f old.pem ] && exit 0
            openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout old.key \
              -out old.csr -subj "/CN=old"
            printf "subjectAltName=DNS:localhost" > old.ext
            touch index.txt; echo 01 > serial
            printf '[ca]\\ndefault_ca=d\\n[d]\\ndatabase=index.txt\\nserial=serial\\nnew_certs_dir=.\\n\
            default_md=sha256\\npolicy=p\\n[p]\\ncommonName=supplied\\n' > ca.cnf
            openssl ca -batch -config ca.cnf -cert ca.pem -keyfile ca.key -in old.csr -out old.pem \
              -startdate 20200101000000Z -enddate 20200201000000Z -extfile old.ext -notext
            """
        #expect(try run("sh", "-c", script).code == 0)
        return files.path("old")
    }

    @Test func verifies() async throws {
        let server = try server()
        let port = server.port
        try await onThread {
            let stream = try Self.connect(port) { _ in }
            defer { stream.close() }
            let report = try #require(stream.report)
            #expect(report.version == "TLS 1.3")
            #expect(report.cipher.hasPrefix("TLS_AES_") || report.cipher.hasPrefix("TLS_CHACHA20"))
            #expect(report.isVerified && report.problem == "")
            let chain = report.certificates.compactMap { X509Fields(der: $0) }
            #expect(chain.map(\.subject) == ["CN=weir-server,O=weir", "CN=test-ca"])
            #expect(chain.first?.issuer == "CN=test-ca")
            #expect(chain.first?.dnsNames == ["localhost"])
            let days = Double((chain.first?.notAfter ?? 0) - (chain.first?.notBefore ?? 0)) / 86400
            #expect(days == 2)
            #expect(stream.moments.secured >= stream.moments.connected)
            try stream.write(
                ByteBuffer(string: "GET / HTTP/1.0\r\n\r\n"), deadline: .now() + .seconds(5))
            let answer = try stream.read(limit: 4096, deadline: .now() + .seconds(5))
            #expect(String(buffer: answer).hasPrefix("HTTP/1.0 200"))
        }
        withExtendedLifetime(server) {}
    }

    /// TLS 1.2 chooses its cipher in another message.
    @Test func namesOldCiphers() async throws {
        let server = try Server(
            "-cert", files.path("server.pem"), "-key", files.path("server.key"), "-tls1_2",
            "-cipher", "ECDHE-ECDSA-AES256-GCM-SHA384")
        let port = server.port
        try await onThread {
            let stream = try Self.connect(port) { _ in }
            let report = try #require(stream.report)
            #expect(report.version == "TLS 1.2")
            #expect(report.cipher == "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384")
            // This server has one client at a time.
            stream.close()
            let text = Self.failure { _ = try Self.connect(port) { $0.minVersion = .tls13 } }
            #expect(text.contains("min_version"), "\(text)")
        }
        withExtendedLifetime(server) {}
    }

    @Test func saysWhyACertificateIsNotTrusted() async throws {
        let server = try server()
        let old = try expired()
        let expired = try Server("-cert", old + ".pem", "-key", old + ".key")
        let selfSigned = try Server(
            "-cert", files.path("other.pem"), "-key", files.path("other.key"))
        let ports = (server.port, expired.port, selfSigned.port)
        let other = files.path("other.pem")
        try await onThread {
            let unknown = Self.failure { _ = try Self.connect(ports.0) { $0.caFile = other } }
            #expect(unknown.contains("signed by CN=test-ca, which is not trusted"), "\(unknown)")
            let late = Self.failure { _ = try Self.connect(ports.1) { _ in } }
            #expect(late.contains("it expired on 2020-02-01"), "\(late)")
            let own = Self.failure { _ = try Self.connect(ports.2) { _ in } }
            #expect(own.contains("signed by itself"), "\(own)")
            let name = Self.failure { _ = try Self.connect(ports.0, host: "127.0.0.1") { _ in } }
            #expect(name.contains("it is for localhost, not for 127.0.0.1"), "\(name)")
            // Who does not verify is told all the same.
            for (port, problem) in [(ports.1, "expired"), (ports.2, "signed by itself")] {
                let stream = try Self.connect(port) { $0.insecureSkipVerify = true }
                let report = try #require(stream.report)
                #expect(!report.isVerified)
                #expect(report.problem.contains(problem), "\(report.problem)")
                #expect(!report.certificates.isEmpty)
            }
            let overridden = try Self.connect(ports.0, host: "127.0.0.1") {
                $0.serverNameOverride = "localhost"
            }
            #expect(overridden.report?.isVerified == true)
        }
        withExtendedLifetime((server, expired, selfSigned)) {}
    }

    @Test func clientCertificates() async throws {
        let server = try Server(
            "-cert", files.path("server.pem"), "-key", files.path("server.key"), "-Verify", "1",
            "-verify_return_error", "-CAfile", files.path("ca.pem"))
        let port = server.port
        try await onThread {
            let text = Self.failure {
                let stream = try Self.connect(port) { _ in }
                try stream.write(
                    ByteBuffer(string: "GET / HTTP/1.0\r\n\r\n"), deadline: .now() + .seconds(5))
                _ = try stream.read(limit: 1, deadline: .now() + .seconds(5))
            }
            #expect(text.contains("cert_file"), "\(text)")
            let known = try Self.connect(port) {
                $0.certFile = Certificates.shared.path("client.pem")
                $0.keyFile = Certificates.shared.path("client.key")
            }
            #expect(known.report?.isVerified == true)
        }
        withExtendedLifetime(server) {}
    }

    /// STARTTLS: plaintext first, then the handshake; what was sent ahead of it is a fault.
    @Test func startsTLSLater() async throws {
        let server = try server()
        let port = server.port
        try await onThread {
            let plain = StreamOptions(endpoint: .tcp(host: "localhost", port: port))
            let stream = try ByteStream.connect(
                plain, group: MultiThreadedEventLoopGroup.singleton, deadline: .now() + .seconds(5),
                clock: { 1 })
            var options = StreamOptions(endpoint: .unix(path: ""))
            options.tls = ClientTLSOptions()
            options.tls?.caFile = Certificates.shared.path("ca.pem")
            try stream.startTLS(options, deadline: .now() + .seconds(5))
            #expect(stream.report?.isVerified == true)
        }
        withExtendedLifetime(server) {}
    }

    @Test func readsCertificateFiles() throws {
        let pem = try Array(Data(contentsOf: URL(fileURLWithPath: files.path("ca.pem"))))
        let server = try Array(Data(contentsOf: URL(fileURLWithPath: files.path("server.pem"))))
        let both = try CertificateFile.certificates(in: server + pem)
        #expect(both.map(\.subject) == ["CN=weir-server,O=weir", "CN=test-ca"])
        #expect(try CertificateFile.certificates(in: both[0].der) == [both[0]])
        let serial = try run(
            "openssl", "x509", "-in", files.path("server.pem"), "-serial", "-noout")
        #expect(serial.out.lowercased().contains(both[0].serial))
        #expect(throws: NetError.self) { try CertificateFile.certificates(in: Array("x".utf8)) }
        // Cut off or damaged anywhere, it is refused and never read beyond its end.
        let der = both[0].der
        for length in 0..<der.count { #expect(X509Fields(der: Array(der.prefix(length))) == nil) }
        for index in der.indices {
            var damaged = der
            damaged[index] ^= 0x80
            _ = X509Fields(der: damaged)
        }
    }

    /// A server can show a name as long as it likes: reading it holds up an event loop.
    @Test(.timeLimit(.minutes(1))) func aLongNameTakesNoTime() throws {
        func element(_ tag: UInt8, _ contents: [UInt8]) -> [UInt8] {
            let length = (0..<4).map { UInt8(truncatingIfNeeded: contents.count >> (24 - 8 * $0)) }
            return [tag, 0x84] + length + contents
        }
        let text = [UInt8](repeating: 0x61, count: 500_000)
        let pair = element(0x06, [0x55, 0x04, 0x03]) + element(0x0C, text)
        let name = element(0x30, element(0x31, element(0x30, pair)))
        var reader = DERReader(name[...])
        let first = reader.next()
        #expect(
            DistinguishedName.text(try #require(first)) == "CN="
                + String(decoding: text, as: UTF8.self))
    }

    @Test(arguments: [
        ("700101000000Z", 0), ("991231235959Z", 946_684_799), ("000229120000Z", 951_825_600),
        ("491231000000Z", 2_524_521_600), ("500101000000Z", -631_152_000),
    ]) func readsTimes(_ text: String, _ seconds: Int64) {
        let element = DERReader.Element(tag: DERTag.utcTime, contents: Array(text.utf8)[...])
        #expect(X509Time.seconds(element) == seconds)
    }
}
