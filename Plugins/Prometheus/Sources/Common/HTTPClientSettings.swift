/// How Prometheus' files describe an HTTP client: in scrape configs, service discovery and remote
/// write, where these keys stand among others.
struct HTTPClientSettings: Sendable, Hashable {
    struct BasicAuth: Decodable, Sendable, Hashable {
        var username: String?
        var usernameFile: String?
        var password: String?
        var passwordFile: String?
    }

    struct Authorization: Decodable, Sendable, Hashable {
        /// `Bearer` if it is not given.
        var type: String?
        var credentials: String?
        var credentialsFile: String?
    }

    struct TLS: Decodable, Sendable, Hashable {
        var caFile: String?
        var certFile: String?
        var keyFile: String?
        var serverName: String?
        var insecureSkipVerify: Bool?
        /// `TLS10` to `TLS13`
        var minVersion: String?
    }

    /// Values of one header that is sent with each request.
    struct HeaderValues: Decodable, Sendable, Hashable {
        var values: [String]?
        var secrets: [String]?
    }

    var basicAuth: BasicAuth?
    var authorization: Authorization?
    var bearerToken: String?
    var bearerTokenFile: String?
    var tlsConfig: TLS?
    var proxyURL: String?
    /// Hosts for which the proxy is not used, with commas between them.
    var noProxy: String?
    var followRedirects = true
    /// Accepted and without effect: one request at a time per target gains nothing from HTTP/2.
    var enableHTTP2 = true
    var httpHeaders: [String: HeaderValues] = [:]

    init() {}

    /// Whether nothing was set that Prometheus would not do anyway.
    var isDefault: Bool { self == HTTPClientSettings() }
}

extension HTTPClientSettings: Decodable {
    enum CodingKeys: String, CodingKey {
        case basicAuth, authorization, bearerToken, bearerTokenFile, tlsConfig, noProxy
        case followRedirects, httpHeaders
        case proxyURL = "proxy_url"
        case enableHTTP2 = "enable_http2"
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        basicAuth = try container.decodeIfPresent(BasicAuth.self, forKey: .basicAuth)
        authorization = try container.decodeIfPresent(Authorization.self, forKey: .authorization)
        bearerToken = try container.decodeIfPresent(String.self, forKey: .bearerToken)
        bearerTokenFile = try container.decodeIfPresent(String.self, forKey: .bearerTokenFile)
        tlsConfig = try container.decodeIfPresent(TLS.self, forKey: .tlsConfig)
        proxyURL = try container.decodeIfPresent(String.self, forKey: .proxyURL)
        noProxy = try container.decodeIfPresent(String.self, forKey: .noProxy)
        followRedirects = try container.value(.followRedirects, or: true)
        enableHTTP2 = try container.value(.enableHTTP2, or: true)
        httpHeaders = try container.value(.httpHeaders, or: [:])
        if let fault { throw decoder.refusal(fault.message, at: [fault.key]) }
    }
}
