import WeirSDK
import WeirTelemetry

/// The settings of `otlphttp`: those of the client, and what OTLP adds.
struct HTTPSinkSettings: Decodable, Sendable {
    let client: HostSettings
    let encoding: Encoding
    private let tracesEndpoint: String?
    private let metricsEndpoint: String?
    private let logsEndpoint: String?

    private enum Keys: CodingKey {
        case tracesEndpoint, metricsEndpoint, logsEndpoint, encoding
    }

    init(from decoder: any Decoder) throws {
        client = try HostSettings(from: decoder)
        let own = try decoder.container(keyedBy: Keys.self)
        tracesEndpoint = try own.decodeIfPresent(String.self, forKey: .tracesEndpoint)
        metricsEndpoint = try own.decodeIfPresent(String.self, forKey: .metricsEndpoint)
        logsEndpoint = try own.decodeIfPresent(String.self, forKey: .logsEndpoint)
        encoding = try own.decodeIfPresent(Encoding.self, forKey: .encoding) ?? .proto
    }

    /// The whole URL for one signal, where one is given.
    private func ownEndpoint(of signal: Signal) -> String? {
        let endpoint =
            switch signal {
            case .traces: tracesEndpoint
            case .metrics: metricsEndpoint
            case .logs: logsEndpoint
            }
        return endpoint == "" ? nil : endpoint
    }

    /// Where a signal goes: the endpoint to open, and the path to append.
    func target(of signal: Signal) -> (endpoint: String, path: String)? {
        if let own = ownEndpoint(of: signal) { return (own, "") }
        return client.endpoint.isEmpty ? nil : (client.endpoint, signal.httpPath)
    }

    /// The signal whose path stands in the common endpoint, to which a path is appended.
    var doubledPath: Signal? {
        Signal.allCases.first {
            client.endpoint.hasSuffix($0.httpPath) || client.endpoint.hasSuffix($0.httpPath + "/")
        }
    }
}
