package struct HTTPSettings: Decodable, Sendable {
    package var method: String?
    package var headers: [String: String]?
    package var body: String?
    package var bodyFile: String?
    package var bodySizeLimit: Int?
    package var validStatusCodes: [Int]?
    package var validHTTPVersions: [String]?
    package var noFollowRedirects: Bool?
    package var followRedirects: Bool?
    package var failIfSSL: Bool?
    package var failIfNotSSL: Bool?
    package var failIfBodyMatchesRegexp: [String]?
    package var failIfBodyNotMatchesRegexp: [String]?
    package var failIfHeaderMatches: [HeaderSettings]?
    package var failIfHeaderNotMatches: [HeaderSettings]?
    package var tlsConfig: TLSSettings?
    package var basicAuth: BasicAuthSettings?
    package var authorization: AuthorizationSettings?
    package var bearerToken: String?
    package var bearerTokenFile: String?
    package var preferredIPProtocol: String?
    package var ipProtocolFallback: Bool?
    package var enableHTTP2: Bool?

    init() {}

    private enum CodingKeys: String, CodingKey {
        case method, headers, body
        case bodyFile = "body_file"
        case bodySizeLimit = "body_size_limit"
        case validStatusCodes = "valid_status_codes"
        case validHTTPVersions = "valid_http_versions"
        case noFollowRedirects = "no_follow_redirects"
        case followRedirects = "follow_redirects"
        case failIfSSL = "fail_if_ssl"
        case failIfNotSSL = "fail_if_not_ssl"
        case failIfBodyMatchesRegexp = "fail_if_body_matches_regexp"
        case failIfBodyNotMatchesRegexp = "fail_if_body_not_matches_regexp"
        case failIfHeaderMatches = "fail_if_header_matches"
        case failIfHeaderNotMatches = "fail_if_header_not_matches"
        case tlsConfig = "tls_config"
        case basicAuth = "basic_auth"
        case authorization
        case bearerToken = "bearer_token"
        case bearerTokenFile = "bearer_token_file"
        case preferredIPProtocol = "preferred_ip_protocol"
        case ipProtocolFallback = "ip_protocol_fallback"
        case enableHTTP2 = "enable_http2"
    }
}

package struct HeaderSettings: Decodable, Sendable {
    package var header: String
    package var regexp: String
    package var allowMissing: Bool?
}

package struct BasicAuthSettings: Decodable, Sendable {
    package var username: String?
    package var password: String?
    package var passwordFile: String?
}

package struct AuthorizationSettings: Decodable, Sendable {
    package var type: String?
    package var credentials: String?
    package var credentialsFile: String?
}

package struct TCPSettings: Decodable, Sendable {
    package var queryResponse: [ExchangeSettings]?
    package var tls: Bool?
    package var tlsConfig: TLSSettings?
    package var preferredIPProtocol: String?
    package var ipProtocolFallback: Bool?

    init() {}

    private enum CodingKeys: String, CodingKey {
        case queryResponse = "query_response"
        case tls
        case tlsConfig = "tls_config"
        case preferredIPProtocol = "preferred_ip_protocol"
        case ipProtocolFallback = "ip_protocol_fallback"
    }
}

/// One step of a conversation.
package struct ExchangeSettings: Decodable, Sendable {
    package var expect: String?
    package var send: String?
    package var starttls: Bool?
}

package struct DNSSettings: Decodable, Sendable {
    package var queryName: String
    package var queryType: String?
    package var queryClass: String?
    package var transportProtocol: String?
    package var recursionDesired: Bool?
    package var dnsOverTLS: Bool?
    package var tlsConfig: TLSSettings?
    package var validRcodes: [String]?
    package var validateAnswerRrs: RecordSettings?
    package var validateAuthorityRrs: RecordSettings?
    package var validateAdditionalRrs: RecordSettings?
    package var preferredIPProtocol: String?
    package var ipProtocolFallback: Bool?

    private enum CodingKeys: String, CodingKey {
        case queryName = "query_name"
        case queryType = "query_type"
        case queryClass = "query_class"
        case transportProtocol = "transport_protocol"
        case recursionDesired = "recursion_desired"
        case dnsOverTLS = "dns_over_tls"
        case tlsConfig = "tls_config"
        case validRcodes = "valid_rcodes"
        case validateAnswerRrs = "validate_answer_rrs"
        case validateAuthorityRrs = "validate_authority_rrs"
        case validateAdditionalRrs = "validate_additional_rrs"
        case preferredIPProtocol = "preferred_ip_protocol"
        case ipProtocolFallback = "ip_protocol_fallback"
    }
}

package struct RecordSettings: Decodable, Sendable {
    package var failIfMatchesRegexp: [String]?
    package var failIfAllMatchRegexp: [String]?
    package var failIfNotMatchesRegexp: [String]?
    package var failIfNoneMatchesRegexp: [String]?
}

package struct ICMPSettings: Decodable, Sendable {
    package var payloadSize: Int?
    package var ttl: Int?
    package var preferredIPProtocol: String?
    package var ipProtocolFallback: Bool?

    private enum CodingKeys: String, CodingKey {
        case payloadSize = "payload_size"
        case ttl
        case preferredIPProtocol = "preferred_ip_protocol"
        case ipProtocolFallback = "ip_protocol_fallback"
    }
}
