import WeirJSON
import WeirSDK

/// The settings of the receiver: those of the server, and its path.
struct RemoteWriteReceiverSettings: Decodable, Sendable {
    let server: HostSettings
    let endpoint: String
    let path: [UInt8]

    static let defaultPath = "/api/v1/write"

    private enum Keys: String, CodingKey { case endpoint, path }

    init(from decoder: any Decoder) throws {
        let own = try decoder.container(keyedBy: Keys.self)
        endpoint = try own.decodeIfPresent(String.self, forKey: .endpoint) ?? "127.0.0.1:9090"
        let path = try own.decodeIfPresent(String.self, forKey: .path) ?? Self.defaultPath
        self.path = Array((path.hasPrefix("/") ? path : "/" + path).utf8)
        let others = (try HostSettings(from: decoder).json.objectValue ?? []).filter {
            $0.key != "endpoint" && $0.key != "path"
        }
        server = HostSettings(.object([JSONMember("endpoint", .string(endpoint))] + others))
    }
}
