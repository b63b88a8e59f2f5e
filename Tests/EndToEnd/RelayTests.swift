import Foundation
import Testing
import WeirTestKit

extension EndToEnd {
    /// From one weir into another, each way that a sink and a receiver can be set.
    struct Relay: Sendable, CustomTestStringConvertible {
        var name: String
        var sink: String
        var receiver: String

        var testDescription: String { name }

        static let all = [
            Relay(
                name: "gRPC, plain, by insecure",
                sink: "otlp: {endpoint: \"127.0.0.1:PORT\", tls: {insecure: true}}",
                receiver: "grpc: {endpoint: \"127.0.0.1:PORT\"}"),
            Relay(
                name: "gRPC, zstd",
                sink: "otlp: {endpoint: \"http://127.0.0.1:PORT\", compression: zstd}",
                receiver: "grpc: {endpoint: \"127.0.0.1:PORT\"}"),
            Relay(
                name: "gRPC over a unix socket",
                sink: "otlp: {endpoint: \"unix:FOLDER/otlp.sock\", compression: none}",
                receiver: "grpc: {endpoint: \"FOLDER/otlp.sock\", transport: unix}"),
            Relay(
                name: "gRPC, TLS both ways",
                sink: """
                    otlp: {endpoint: \"localhost:PORT\", tls: {ca_file: FOLDER/ca.pem, \
                    cert_file: FOLDER/host.pem, key_file: FOLDER/host.key}}
                    """,
                receiver: """
                    grpc: {endpoint: \"127.0.0.1:PORT\", tls: {cert_file: FOLDER/host.pem, \
                    key_file: FOLDER/host.key, client_ca_file: FOLDER/ca.pem}}
                    """),
            Relay(
                name: "HTTP, gzip",
                sink: "otlphttp: {endpoint: \"http://127.0.0.1:PORT\"}",
                receiver: "http: {endpoint: \"127.0.0.1:PORT\"}"),
            Relay(
                name: "HTTP, TLS, zstd, JSON",
                sink: """
                    otlphttp: {endpoint: \"https://localhost:PORT\", compression: zstd, \
                    encoding: json, tls: {ca_file: FOLDER/ca.pem}}
                    """,
                receiver: """
                    http: {endpoint: \"127.0.0.1:PORT\", tls: {cert_file: FOLDER/host.pem, \
                    key_file: FOLDER/host.key}}
                    """),
        ]
    }

    @Test(.timeLimit(.minutes(1)), arguments: Relay.all)
    func relays(_ relay: Relay) async throws {
        let ports = try await freePorts(2)
        let shared = try TemporaryFolder()
        let certificates = try await Command.shell(
            """
            openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -subj /CN=ca -days 2
            openssl req -newkey rsa:2048 -nodes -keyout host.key -out host.csr -subj /CN=localhost
            printf 'subjectAltName=DNS:localhost,IP:127.0.0.1' > names
            openssl x509 -req -in host.csr -CA ca.pem -CAkey ca.key -CAcreateserial \
              -out host.pem -days 2 -extfile names
            """, folder: shared.path)
        try #require(certificates.status == 0, "\(certificates.errors)")
        func filled(_ text: String) -> String {
            text.replacing("PORT", with: String(ports[0])).replacing("FOLDER", with: shared.path)
        }
        let keeper = try await Weir(
            """
            receivers:
              otlp: {protocols: {\(filled(relay.receiver))}}
            sinks:
              file: {path: FOLDER/logs.jsonl}
            service:
              pipelines:
                logs: {receivers: [otlp], sinks: [file]}
            """)
        let sink = filled(relay.sink)
        let sender = try await Weir(
            """
            receivers:
              otlp: {protocols: {http: {endpoint: "127.0.0.1:\(ports[1])"}}}
            sinks:
              \(sink)
            service:
              pipelines:
                logs: {receivers: [otlp], sinks: [\(sink.prefix { $0 != ":" })]}
            """)
        for number in 1...3 { try await postLog("line \(number)", port: ports[1]) }
        #expect(try await sender.stop() == 0, "\(sender.log)")
        #expect(try await keeper.stop() == 0, "\(keeper.log)")
        #expect(sender.items("delivered", "log record") == 3, "\(sender.log)")
        let text = try keeper.folder.read("logs.jsonl")
        for number in 1...3 { #expect(text.contains("line \(number)"), "\(text)") }
    }
}
