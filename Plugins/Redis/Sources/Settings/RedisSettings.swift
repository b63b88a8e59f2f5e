package import WeirSDK

/// The settings of `redis`.
package struct RedisSettings: Decodable, Sendable {
    package var endpoint: String
    package var username: String?
    package var password: String?
    package var passwordFile: String?
    package var tls: HostSettings?
    package var connectionTimeout: Duration
    package var namespace: String
    package var configCommand: String
    package var setClientName: Bool
    package var pingOnConnect: Bool
    package var cluster: Bool
    package var checkKeys: [String]
    package var checkSingleKeys: [String]
    package var checkStreams: [String]
    package var checkSingleStreams: [String]
    package var countKeys: [String]
    package var checkKeysBatchSize: Int
    package var maxKeys: Int
    package var includeConfigMetrics: Bool
    package var includeSystemMetrics: Bool
    package var exportClientList: Bool
    package var exportClientPort: Bool
}
