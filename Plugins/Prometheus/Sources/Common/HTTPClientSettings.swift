import WeirJSON
import WeirSDK

/// How Prometheus' files describe an HTTP client: in scrape configs, service discovery and remote
/// write, where these keys stand among others.
struct HTTPClientSettings: Decodable, Sendable, Hashable {
    struct BasicAuth: Decodable, Sendable, Hashable {
        var username: String?
        var usernameFile: String?
        var password: String?
        var passwordFile: String?
    }

    struct Authorization: Decodable, Sendable, Hashable {
        var type: String?
        var credentials: String?
        var credentialsFile: String?
    }

    struct TLS: Decodable, Sendable, Hashable {
        var ca: String?
        var cert: String?
        var key: String?
        var caFile: String?
        var certFile: String?
        var keyFile: String?
        var serverName: String?
        var insecureSkipVerify: Bool?
        var minVersion: String?
        var maxVersion: String?
    }

    /// Values of one header that is sent with each request.
    struct HeaderValues: Decodable, Sendable, Hashable {
        var values: [String]?
        var secrets: [String]?
        var files: [String]?
    }

    var basicAuth: BasicAuth?
    var authorization: Authorization?
    var bearerToken: String?
    var bearerTokenFile: String?
    var tlsConfig: TLS?
    var proxyURL: String?
    var noProxy: String?
    var proxyFromEnvironment = false
    var followRedirects = true
    var enableHTTP2 = true
    var httpHeaders: [String: HeaderValues] = [:]

    init() {}

    /// Whether nothing was set that Prometheus would not do anyway.
    var isDefault: Bool { self == HTTPClientSettings() }

    /// The settings with which `host.httpClient.open` makes such a client.
    func hostSettings(endpoint: String, timeout: Duration? = nil) -> HostSettings {
        HostSettings(.object([JSONMember("endpoint", .string(endpoint))]))
    }
}
