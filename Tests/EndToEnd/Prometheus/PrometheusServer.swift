import Foundation
import WeirTestKit

/// A real Prometheus, with a folder and a port of its own.
final class PrometheusServer {
    let port: Int
    let folder: TemporaryFolder
    private let process: RunningProcess

    /// Starts it and waits until it is ready. It takes remote writes; with native histograms it asks
    /// targets for protobuf first.
    init(_ configuration: String, port: Int, hasNativeHistograms: Bool = false) async throws {
        self.port = port
        folder = try TemporaryFolder()
        let file = try folder.write(configuration, to: "prometheus.yml")
        process = try Command(
            "/usr/bin/prometheus",
            [
                "--config.file=\(file)", "--storage.tsdb.path=\(folder.path)/data",
                "--web.listen-address=127.0.0.1:\(port)", "--web.enable-remote-write-receiver",
                "--enable-feature=exemplar-storage"
                    + (hasNativeHistograms ? ",native-histograms" : ""),
            ]
        ).start(output: "\(folder.path)/log", errors: "\(folder.path)/log")
        let isReady = await eventually(within: 30) {
            guard process.isRunning else { return true }
            return (try? await fetch("http://127.0.0.1:\(port)/-/ready")) != nil
        }
        guard isReady, process.isRunning else {
            throw Failure("prometheus did not start:\n\(log)")
        }
    }

    deinit { if process.isRunning { process.kill() } }

    var log: String { (try? folder.read("log")) ?? "" }

    /// One series of an answer: its labels, and its value as Prometheus writes it.
    struct Series: Hashable {
        var labels: [String: String]
        var value: String

        var name: String { labels["__name__"] ?? "" }
    }

    /// An instant query.
    func query(_ expression: String) async throws -> [Series] {
        struct Answer: Decodable {
            struct Result: Decodable {
                var metric: [String: String]
                var value: [Value]
            }
            struct Results: Decodable { var result: [Result] }
            enum Value: Decodable {
                case time(Double)
                case text(String)
                init(from decoder: any Decoder) throws {
                    let container = try decoder.singleValueContainer()
                    if let time = try? container.decode(Double.self) {
                        self = .time(time)
                    } else {
                        self = .text(try container.decode(String.self))
                    }
                }
            }
            var data: Results
        }
        let text = try await ask("query", ["query=\(expression)"])
        return try JSONDecoder().decode(Answer.self, from: Data(text.utf8)).data.result.map {
            result in
            guard case .text(let value) = result.value.last else {
                throw Failure("an answer without a value: \(text)")
            }
            return Series(labels: result.metric, value: value)
        }
    }

    /// Any path of the HTTP API, as text.
    func ask(_ path: String, _ parameters: [String] = []) async throws -> String {
        let data = parameters.flatMap { ["--data-urlencode", $0] }
        let result = try await Command(
            "/usr/bin/curl",
            ["-s", "-m", "10", "-G", "http://127.0.0.1:\(port)/api/v1/\(path)"] + data
        ).run()
        guard result.status == 0 else { throw Failure("curl: \(result.errors)") }
        return result.output
    }
}

/// What a GET answers; throws unless that is a 2xx.
func fetch(_ url: String, headers: [String] = []) async throws -> String {
    let result = try await Command(
        "/usr/bin/curl", ["-s", "-f", "-m", "10", url] + headers.flatMap { ["-H", $0] }
    ).run()
    guard result.status == 0 else { throw Failure("GET \(url): curl ended with \(result.status)") }
    return result.output
}
