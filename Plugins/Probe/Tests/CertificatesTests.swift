import Testing
import WeirSDK
import WeirTestKit

@testable import ProbePlugin

struct CertificatesTests {
    private let host = FakeHost()
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func certificate(_ end: Int64, _ subject: String = "CN=x") -> Certificate {
        Certificate(
            der: [], notBefore: 1, notAfter: end, subject: subject, issuer: "CN=ca", serial: "0a",
            sha256: [], dnsNames: ["x.org", "y.org"])
    }

    /// Ends by `cert_name position`.
    private func ends(_ collected: CollectedMetrics) -> [String: Int64] {
        var ends: [String: Int64] = [:]
        for point in collected.named("cert_expiry_timestamp") {
            guard case .integer(let end) = point.value,
                case .string(let name) = point.attributes[0].value,
                case .string(let position) = point.attributes[2].value
            else { continue }
            ends["\(name) \(position)"] = end
        }
        return ends
    }

    @Test func filesAndFolders() throws {
        try folder.write("chain", to: "web.pem")
        try folder.write("one", to: "all/a.crt")
        try folder.write("two", to: "all/b.der")
        try folder.write("no", to: "all/readme.txt")
        try folder.write("bad", to: "bad.pem")
        host.streams[certificatesIn: Array("chain".utf8)] = [certificate(5), certificate(6)]
        host.streams[certificatesIn: Array("one".utf8)] = [certificate(7)]
        host.streams[certificatesIn: Array("two".utf8)] = [certificate(8)]
        let instance = try host.start(
            plugin, .exporter, "certificates",
            settings: """
                {"files": [{"path": "\(folder.path)/web.pem"}, {"path": "\(folder.path)/all"},
                 {"path": "\(folder.path)/bad.pem", "name": "broken"}, {"path": "\(folder.path)/none.pem"}]}
                """)
        let found = try instance.collect()
        #expect(ends(found) == ["web 0": 5, "web 1": 6, "a 0": 7, "b 0": 8])
        let up = found.named("cert_up").map(\.value)
        #expect(up == [.integer(1), .integer(1), .integer(0), .integer(0)])
        let info = try #require(found.named("cert_info").first)
        #expect(info.attributes.contains { $0.key == "dns_names" && $0.value == "x.org,y.org" })
        try instance.end()
    }

    /// As Kubernetes changes a mounted secret: another folder takes the place of `..data`.
    @Test func mountedSecret() throws {
        try folder.write("one", to: "shop/..1/tls.crt")
        try folder.write("two", to: "shop/..2/tls.crt")
        try folder.link("shop/..data", to: "..1")
        try folder.link("shop/tls.crt", to: "..data/tls.crt")
        host.streams[certificatesIn: Array("one".utf8)] = [certificate(7)]
        host.streams[certificatesIn: Array("two".utf8)] = [certificate(8)]
        let instance = try host.start(
            plugin, .exporter, "certificates",
            settings: #"{"files": [{"path": "\#(folder.path)/shop"}]}"#)
        #expect(ends(try instance.collect()) == ["shop 0": 7])
        try folder.link("shop/..data", to: "..2")
        #expect(ends(try instance.collect()) == ["shop 0": 8])
        folder.remove("shop/..data")
        let gone = try instance.collect()
        #expect(ends(gone) == [:])
        #expect(gone.named("cert_up").first?.value == .integer(0))
        try instance.end()
    }

    @Test func servers() throws {
        let server = try CannedServer { _ in nil }
        host.streams.tls = TLSInfo(
            version: "TLS 1.3", cipher: "", isVerified: false, problem: "unknown authority",
            certificates: [certificate(9)])
        let instance = try host.start(
            plugin, .exporter, "certificates",
            settings: """
                {"endpoints": [{"endpoint": "127.0.0.1:\(server.port)", "name": "shop"},
                 {"endpoint": "127.0.0.1:\(LoopbackSocket.freePort())"}]}
                """)
        let found = try instance.collect()
        #expect(ends(found) == ["shop 0": 9])
        #expect(found.named("cert_up").map(\.value) == [.integer(1), .integer(0)])
        #expect(found.named("cert_verified").map(\.value) == [.integer(0)])
        try instance.end()
    }

    @Test(arguments: [
        (#"{"endpoints": [{"endpoint": "a:1"}, {"endpoint": "a:1", "name": "a:1"}]}"#, "a:1"),
        (#"{"files": [{"path": "/a"}, {"path": "/a", "name": "x"}]}"#, "/a"),
    ])
    func aSourceThatIsThereTwice(_ settings: String, _ source: String) {
        let error = #expect(throws: ComponentError.self) {
            try host.start(plugin, .exporter, "certificates", settings: settings)
        }
        #expect(error?.message.contains("has \(source) twice") == true, "\(error as Any)")
    }

    /// Several names at one address, each with its certificate.
    @Test func anAddressWithTwoNames() throws {
        let server = try CannedServer { _ in nil }
        host.streams.tls = TLSInfo(
            version: "TLS 1.3", cipher: "", isVerified: true, problem: "",
            certificates: [certificate(9)])
        let endpoint = #""endpoint": "127.0.0.1:\#(server.port)""#
        let instance = try host.start(
            plugin, .exporter, "certificates",
            settings: """
                {"endpoints": [{\(endpoint), "name": "shop", "tls_config": {"server_name": "shop"}},
                 {\(endpoint), "name": "bank", "tls_config": {"server_name": "bank"}}]}
                """)
        let found = try instance.collect()
        #expect(ends(found) == ["shop 0": 9, "bank 0": 9])
        for name in ["cert_up", "cert_verified"] {
            #expect(Set(found.named(name).map { "\($0.attributes)" }).count == 2)
        }
        try instance.end()
    }

    /// A file that is named, and lies in a folder that is.
    @Test func aFileThatIsFoundTwice() throws {
        let path = try folder.write("one", to: "all/a.crt")
        host.streams[certificatesIn: Array("one".utf8)] = [certificate(7)]
        let instance = try host.start(
            plugin, .exporter, "certificates",
            settings: #"{"files": [{"path": "\#(folder.path)/all"}, {"path": "\#(path)"}]}"#)
        let found = try instance.collect()
        #expect(found.named("cert_expiry_timestamp").count == 1)
        #expect(found.named("cert_up").count == 2)
        try instance.end()
    }
}
