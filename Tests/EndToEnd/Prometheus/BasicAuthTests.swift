import Foundation
import Testing
import WeirTestKit

extension EndToEnd {
    /// Of `secret`.
    private static let hash = "$2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW"

    private static func basic(_ text: String) -> String {
        "Authorization: Basic " + Data(text.utf8).base64EncodedString()
    }

    /// `basic_auth_users` of any server for HTTP: here the metrics' page and a receiver.
    @Test(.timeLimit(.minutes(1))) func onlyUsersMayAsk() async throws {
        let ports = try await freePorts(2)
        let weir = try await Weir(
            """
            receivers:
              otlp:
                protocols:
                  http: {endpoint: "127.0.0.1:\(ports[1])", basic_auth_users: {alice: '\(Self.hash)'}}
            sinks:
              prometheus: {endpoint: "127.0.0.1:\(ports[0])", basic_auth_users: {alice: '\(Self.hash)'}}
            service:
              pipelines:
                metrics: {receivers: [otlp], sinks: [prometheus]}
            """)
        let page = "http://127.0.0.1:\(ports[0])/metrics"
        let intake = "http://127.0.0.1:\(ports[1])/v1/metrics"
        let metrics =
            #"{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"shop","gauge":{"dataPoints":[{"asInt":"7","timeUnixNano":"1"}]}}]}]}]}"#
        // The second time what was right is known already.
        for (credentials, isIn) in [
            (nil, false), ("alice:wrong", false), ("bob:secret", false), ("alice:secret", true),
            ("alice:secret", true), ("alice:wrong", false), (nil, false),
        ] {
            let headers = credentials.map { [Self.basic($0)] } ?? []
            let answer = try await Answer.get(page, headers: headers)
            #expect(answer.status == (isIn ? 200 : 401), "\(credentials ?? "nobody")")
            #expect((answer.headers["www-authenticate"]?.hasPrefix("Basic ") == true) != isIn)
            let sent = try await Command(
                "/usr/bin/curl",
                [
                    "-s", "-o", "/dev/null", "-w", "%{http_code} %header{www-authenticate}", "-d",
                    metrics, intake,
                ]
                    + (headers + ["Content-Type: application/json"]).flatMap { ["-H", $0] }
            ).run()
            #expect(
                sent.output.hasPrefix(isIn ? "200 " : "401 Basic "), "\(credentials ?? "nobody")")
        }
        let series = try await Answer.get(page, headers: [Self.basic("alice:secret")]).text
        #expect(series.contains("\nshop"))
        #expect(try await weir.stop() == 0)
        #expect(!weir.log.contains("secret"))
    }

    /// A password in the place of its hash is no hash, and is not shown.
    @Test(.timeLimit(.minutes(1))) func onlyHashesArePasswords() async throws {
        let port = try await freePorts(1)[0]
        let weir = try await Weir(
            """
            receivers: {nop: null}
            sinks:
              prometheus: {endpoint: "127.0.0.1:\(port)", basic_auth_users: {alice: hunter2}}
            service:
              pipelines:
                metrics: {receivers: [nop], sinks: [prometheus]}
            """, waits: false)
        #expect(try await weir.end(within: 20) != 0)
        #expect(weir.log.contains("basic_auth_users.alice is not a bcrypt hash"), "\(weir.log)")
        #expect(!weir.log.contains("hunter2"))
    }
}
