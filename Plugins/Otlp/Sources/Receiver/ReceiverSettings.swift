import WeirJSON
import WeirSDK
import WeirTelemetry

/// The settings of the receiver. A protocol is enabled when its key is there, also without a value.
struct ReceiverSettings: Decodable, Sendable {
    var grpc: HostSettings?
    var http: HostSettings?
    /// The paths of OTLP/HTTP, by signal.
    var paths = HTTPPaths()

    /// How long a request waits for room downstream.
    var waitForRoom = Duration.seconds(1)

    private enum Keys: String, CodingKey { case protocols, waitForRoom }
    private enum ProtocolKeys: String, CodingKey { case grpc, http }
    private enum OwnKeys: String, CodingKey {
        case endpoint
        case traces = "traces_url_path"
        case metrics = "metrics_url_path"
        case logs = "logs_url_path"
    }

    init(from decoder: any Decoder) throws {
        let settings = try decoder.container(keyedBy: Keys.self)
        if let wait = try settings.decodeIfPresent(Duration.self, forKey: .waitForRoom) {
            waitForRoom = wait
        }
        guard settings.contains(.protocols), try !settings.decodeNil(forKey: .protocols) else {
            return
        }
        let protocols = try settings.nestedContainer(
            keyedBy: ProtocolKeys.self, forKey: .protocols)
        if protocols.contains(.grpc) {
            let own = try protocols.section(OwnKeys.self, .grpc)
            grpc = try protocols.decode(HostSettings.self, forKey: .grpc).replacing(
                endpoint: try own?.decodeIfPresent(String.self, forKey: .endpoint)
                    ?? "127.0.0.1:4317")
        }
        if protocols.contains(.http) {
            let own = try protocols.section(OwnKeys.self, .http)
            http = try protocols.decode(HostSettings.self, forKey: .http).replacing(
                endpoint: try own?.decodeIfPresent(String.self, forKey: .endpoint)
                    ?? "127.0.0.1:4318")
            paths = HTTPPaths(
                traces: try own?.decodeIfPresent(String.self, forKey: .traces),
                metrics: try own?.decodeIfPresent(String.self, forKey: .metrics),
                logs: try own?.decodeIfPresent(String.self, forKey: .logs))
        }
    }
}

extension KeyedDecodingContainer {
    /// A section; `nil` if its key has no value.
    fileprivate func section<Inner: CodingKey>(
        _: Inner.Type, _ key: Key
    ) throws -> KeyedDecodingContainer<Inner>? {
        try decodeNil(forKey: key) ? nil : try nestedContainer(keyedBy: Inner.self, forKey: key)
    }
}
