import Foundation
import Testing
import WeirSDK
import WeirTestKit

@testable import ProbePlugin

struct HTTPProbeTests {
    private let host = FakeHost()

    private func server() throws -> CannedServer {
        try CannedServer { request in
            let path = request.split(separator: " ").dropFirst().first ?? ""
            switch path {
            case "/": return "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-A: one\r\n\r\nhello"
            case "/missing": return "HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\ngone"
            case "/redirect":
                return "HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n"
            case "/loop":
                return "HTTP/1.1 302 Found\r\nLocation: /loop\r\nContent-Length: 0\r\n\r\n"
            case "/dated":
                return
                    "HTTP/1.1 200 OK\r\nLast-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Length: 0\r\n\r\n"
            case "/cut": return "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello"
            case "/ssh": return "SSH-2.0-x\r\n\r\nHTTP/"
            case "/silent": return nil
            default: return "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n"
            }
        }
    }

    /// Values by `name` and `name{label}` of one probe.
    private func probe(
        _ target: String, module: String = #"{"prober": "http"}"#, deadline: Duration? = nil
    ) throws -> [String: Double] {
        let instance = try host.start(
            plugin, .exporter, "probe",
            settings: #"{"modules": {"m": \#(module)}, "target": "\#(target)", "module": "m"}"#)
        let end = deadline.map {
            Deadline(monotonicNanoseconds: host.monotonic + $0.clampedNanoseconds)
        }
        let found = try instance.collect(deadline: end ?? .none)
        try instance.end()
        return readings(found)
    }

    @Test(
        arguments: [
            ("/", "{}", 1, 200, 5, 0), ("/missing", "{}", 0, 404, 4, 0),
            ("/redirect", "{}", 1, 200, 5, 1),
            ("/redirect", #"{"follow_redirects": false}"#, 0, 302, 0, 0),
            ("/redirect", #"{"no_follow_redirects": true}"#, 0, 302, 0, 0),
            ("/loop", "{}", 0, 302, 0, 11), ("/other", "{}", 0, 500, 0, 0),
            ("/missing", #"{"valid_status_codes": [404]}"#, 1, 404, 4, 0),
            ("/", #"{"valid_http_versions": ["HTTP/1.1"]}"#, 1, 200, 5, 0),
            ("/", #"{"valid_http_versions": ["HTTP/2.0"]}"#, 0, 200, 5, 0),
            ("/", #"{"fail_if_not_ssl": true}"#, 0, 200, 5, 0),
            ("/", #"{"body_size_limit": 4}"#, 0, 200, 5, 0),
            (
                "/", #"{"fail_if_header_matches": [{"header": "X-A", "regexp": "tw"}]}"#, 1, 200, 5,
                0
            ),
        ] as [(String, String, Double, Double, Double, Double)])
    func answers(
        _ path: String, _ http: String, _ success: Double, _ code: Double, _ length: Double,
        _ redirects: Double
    ) throws {
        let server = try server()
        let found = try probe(
            "http://127.0.0.1:\(server.port)\(path)",
            module: #"{"prober": "http", "http": \#(http)}"#)
        #expect(found["probe_success"] == success)
        #expect(found["probe_http_status_code"] == code)
        #expect(found["probe_http_uncompressed_body_length"] == length)
        #expect(found["probe_http_redirects"] == redirects)
        #expect(found["probe_http_version"] == 1.1)
        #expect(found["probe_ip_protocol"] == 4)
        #expect(found["probe_ip_addr_hash"] == 3_668_918_509)
        #expect(found["probe_failed_due_to_regex"] == 0)
        for phase in ["resolve", "connect", "tls", "processing", "transfer"] {
            #expect(found["probe_http_duration_seconds{\(phase)}"] != nil)
        }
    }

    @Test(arguments: [
        #"{"fail_if_body_matches_regexp": ["x", "h.llo"]}"#,
        #"{"fail_if_body_not_matches_regexp": ["hello", "bye"]}"#,
        #"{"fail_if_header_matches": [{"header": "x-a", "regexp": "o"}]}"#,
        #"{"fail_if_header_not_matches": [{"header": "X-A", "regexp": "two"}]}"#,
        #"{"fail_if_header_not_matches": [{"header": "X-B", "regexp": ""}]}"#,
    ])
    func patterns(_ http: String) throws {
        let server = try server()
        let found = try probe(
            "127.0.0.1:\(server.port)", module: #"{"prober": "http", "http": \#(http)}"#)
        #expect(found["probe_success"] == 0)
        #expect(found["probe_failed_due_to_regex"] == 1)
    }

    @Test func lastModified() throws {
        let server = try server()
        let found = try probe("http://127.0.0.1:\(server.port)/dated")
        #expect(found["probe_http_last_modified_timestamp_seconds"] == 784_111_777)
    }

    @Test func whatIsSent() throws {
        let server = try server()
        _ = try probe(
            "http://127.0.0.1:\(server.port)/",
            module: """
                {"prober": "http", "http": {"method": "POST", "body": "a=b",
                 "headers": {"X-Own": "1", "User-Agent": "me"},
                 "basic_auth": {"username": "u", "password": "p"}}}
                """)
        let request = try #require(server.requests.first)
        #expect(request.hasPrefix("POST / HTTP/1.1\r\nHost: 127.0.0.1:\(server.port)\r\n"))
        #expect(request.contains("\r\nAuthorization: Basic dTpw\r\n"))
        #expect(request.contains("\r\nX-Own: 1\r\n") && request.contains("\r\nUser-Agent: me\r\n"))
        #expect(request.contains("\r\nContent-Length: 3\r\n"))
        #expect(request.hasSuffix("\r\nConnection: close\r\n\r\na=b"))
    }

    /// Whoever a server leads to is told nothing that is for that server.
    @Test func redirectsCarryNoSecrets() throws {
        let other = try CannedServer { _ in "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n" }
        let first = try CannedServer { request in
            let path = request.hasPrefix("GET /away") ? "http://localhost:\(other.port)/" : "/b"
            return request.hasPrefix("GET /b")
                ? "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
                : "HTTP/1.1 302 Found\r\nLocation: \(path)\r\nContent-Length: 0\r\n\r\n"
        }
        let module = """
            {"prober": "http", "http": {"bearer_token": "geheim",
             "headers": {"Cookie": "a=geheim", "X-Own": "1"}}}
            """
        for path in ["away", "same"] {
            let found = try probe("http://127.0.0.1:\(first.port)/\(path)", module: module)
            #expect(found["probe_success"] == 1)
        }
        #expect(first.requests.count == 3)
        #expect(first.requests.allSatisfy { $0.contains("Bearer geheim") })
        let request = try #require(other.requests.first)
        #expect(!request.contains("geheim") && request.contains("\r\nX-Own: 1\r\n"))
    }

    @Test(arguments: ["/cut", "/ssh"])
    func brokenAnswers(_ path: String) throws {
        let server = try server()
        #expect(try probe("http://127.0.0.1:\(server.port)\(path)")["probe_success"] == 0)
    }

    @Test func refused() throws {
        let found = try probe("http://127.0.0.1:\(LoopbackSocket.freePort())/")
        #expect(found["probe_success"] == 0)
        #expect(found["probe_http_status_code"] == 0)
        #expect(host.logs.contains { $0.level == .warning })
    }

    @Test func silence() throws {
        let server = try server()
        let start = ContinuousClock().now
        let found = try probe(
            "http://127.0.0.1:\(server.port)/silent", deadline: .milliseconds(200))
        #expect(found["probe_success"] == 0)
        #expect(ContinuousClock().now - start < .seconds(20))
    }

    @Test func tls() throws {
        let server = try server()
        func info(_ isVerified: Bool) -> TLSInfo {
            TLSInfo(
                version: "TLS 1.3", cipher: "", isVerified: isVerified,
                problem: isVerified ? "" : "expired",
                certificates: [
                    Certificate(
                        der: [], notBefore: 1, notAfter: 2000, subject: "", issuer: "", serial: "",
                        sha256: [0xAB] + [UInt8](repeating: 0, count: 31)),
                    Certificate(
                        der: [], notBefore: 1, notAfter: 1000, subject: "CN=b", issuer: "CN=c",
                        serial: "", sha256: []),
                    Certificate(
                        der: [], notBefore: 1, notAfter: 500, subject: "CN=c", issuer: "CN=c",
                        serial: "", sha256: []),
                ])
        }
        host.streams.tls = info(true)
        let url = "https://127.0.0.1:\(server.port)/"
        let found = try probe(url)
        #expect(found["probe_success"] == 1 && found["probe_http_ssl"] == 1)
        #expect(found["probe_ssl_earliest_cert_expiry"] == 1000)
        #expect(found["probe_ssl_last_chain_expiry_timestamp_seconds"] == 500)
        #expect(found["probe_tls_version_info{TLS 1.3}"] == 1)
        let print = "ab" + String(repeating: "0", count: 62)
        #expect(found["probe_ssl_last_chain_info{\(print)}"] == 1)
        host.streams.tls = info(false)
        let refused = try probe(url)
        #expect(refused["probe_success"] == 0)
        #expect(refused["probe_ssl_earliest_cert_expiry"] == 1000)
        #expect(
            host.logs.contains { $0.message.contains("its certificate is not trusted: expired") })
        let taken = try probe(
            url,
            module: #"{"prober": "http", "http": {"tls_config": {"insecure_skip_verify": true}}}"#)
        #expect(taken["probe_success"] == 1)
    }
}

/// Values by `name`, or `name{value of its label}`.
func readings(_ collected: CollectedMetrics) -> [String: Double] {
    var values: [String: Double] = [:]
    for point in collected.points {
        #expect(point.isPrometheus && point.kind == .gauge, "\(point.name)")
        var key = point.name
        if let label = point.attributes.first, case .string(let text) = label.value {
            key += "{\(text)}"
        }
        #expect(values[key] == nil, "\(key) is there twice")
        switch point.value {
        case .integer(let number): values[key] = Double(number)
        case .number(let number): values[key] = number
        default: break
        }
    }
    return values
}
