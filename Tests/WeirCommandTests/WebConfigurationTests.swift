import Testing
import WeirNet

@testable import WeirCommand

/// The format of `--web.config.file`, which is that of Prometheus' exporter-toolkit.
@Suite struct WebConfigurationTests {
    private static let hash = "$2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW"

    @Test func everythingIsRead() throws {
        let text = """
            tls_server_config:
              cert_file: server.pem
              key_file: /keys/server.key
              client_ca_file: sub/ca.pem
              client_auth_type: RequireAndVerifyClientCert
              min_version: TLS13
              max_version: TLS13
              prefer_server_cipher_suites: true
            http_server_config:
              http2: false
              headers: {X-Frame-Options: deny}
            basic_auth_users:
              alice: \(Self.hash)
              bob: $2b$12$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW
            """
        let web = try WebConfiguration(Array(text.utf8), folder: "/etc/weir")
        let tls = try #require(web.tls)
        #expect(tls.certFile == "/etc/weir/server.pem" && tls.keyFile == "/keys/server.key")
        #expect(tls.clientCAFile == "/etc/weir/sub/ca.pem" && !tls.clientCertificateIsOptional)
        #expect(tls.minVersion == .tls13 && tls.maxVersion == .tls13 && !tls.offersHTTP2)
        #expect(web.headers == ["X-Frame-Options": "deny"])
        #expect(web.users.keys.sorted() == ["alice", "bob"] && web.users["alice"] == Self.hash)
    }

    @Test(arguments: ["", "# nothing\n", "basic_auth_users:\n", "{}"])
    func anEmptyFileAsksForNothing(_ text: String) throws {
        let web = try WebConfiguration(Array(text.utf8), folder: "")
        #expect(web.tls == nil && web.users.isEmpty && web.headers.isEmpty)
    }

    @Test(arguments: [
        ("", false, nil), ("client_auth_type: NoClientCert", false, nil),
        ("client_auth_type: VerifyClientCertIfGiven\n  client_ca_file: ca", true, "ca"),
        ("client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca", false, "ca"),
    ])
    func clientsAreAsked(_ more: String, _ isOptional: Bool, _ authority: String?) throws {
        let text = "tls_server_config:\n  cert_file: c\n  key_file: k\n  \(more)\n"
        let tls = try #require(try WebConfiguration(Array(text.utf8), folder: "").tls)
        #expect(tls.clientCertificateIsOptional == isOptional && tls.clientCAFile == authority)
        #expect(tls.certFile == "c" && tls.minVersion == .tls12 && tls.offersHTTP2)
    }

    /// What is wrong names the key, and says what to do.
    @Test(arguments: [
        ("[]", "the file holds no keys"), ("a: b: c", "1:"),
        ("tls_server_conf: {}", "did you mean tls_server_config?"), ("rate_limit: {}", "proxy"),
        ("tls_server_config: {cert_file: c}", "lacks key_file"),
        ("tls_server_config: {}", "lacks cert_file"),
        ("tls_server_config: {cert_file: c, key_file: k, cert: x}", "write it to a file"),
        (
            "tls_server_config: {cert_file: c, key_file: k, client_ca_file: a}",
            "client_auth_type: RequireAndVerifyClientCert"
        ),
        (
            "tls_server_config: {cert_file: c, key_file: k, client_auth_type: VerifyClientCertIfGiven}",
            "no client_ca_file"
        ),
        (
            "tls_server_config: {cert_file: c, key_file: k, client_auth_type: RequireAnyClientCert}",
            "believes any certificate"
        ),
        (
            "tls_server_config: {cert_file: c, key_file: k, client_auth_type: Always}",
            "NoClientCert, VerifyClientCertIfGiven or"
        ),
        (
            "tls_server_config: {cert_file: c, key_file: k, min_version: 1.2}",
            "min_version is no text"
        ),
        (
            "tls_server_config: {cert_file: c, key_file: k, min_version: SSL30}",
            "TLS10, TLS11, TLS12 or TLS13"
        ),
        ("http_server_config: {http2: maybe}", "neither true nor false"),
        (#"http_server_config: {headers: {"a b": c}}"#, "headers.a b is not a header"),
        (#"http_server_config: {headers: {a: "b\r\nc: d"}}"#, "on one line"),
        ("basic_auth_users: {alice: hunter2}", "basic_auth_users.alice is not a bcrypt hash"),
        (
            "basic_auth_users: {alice: $2y$99$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW}",
            "htpasswd"
        ),
    ])
    func whatIsWrongIsExplained(_ text: String, _ expected: String) {
        let failure = #expect(throws: WebConfiguration.Failure.self) {
            try WebConfiguration(Array(text.utf8), folder: "")
        }
        #expect(failure?.text.contains(expected) == true, "\(failure?.text ?? "")")
        #expect(failure?.text.contains("hunter2") != true)
    }
}
