/// The keys of one element of `remote_write`, and what they are called in the sink's settings, where
/// the HTTP client is described in the host's words.
enum RemoteWriteKeys {
    /// Keys that mean the same to the sink.
    static let same = [
        "protobuf_message", "headers", "proxy_url", "follow_redirects", "send_exemplars",
        "send_native_histograms", "write_relabel_configs", "queue_config", "metadata_config",
    ]

    /// Keys that have another name or form there.
    static let translated = [
        "url", "name", "remote_timeout", "basic_auth", "authorization", "bearer_token",
        "bearer_token_file", "tls_config", "http_headers",
    ]

    /// Keys that Weir refuses, with what to do.
    static let unsupported: [(key: String, advice: String)] = [
        (
            "oauth2",
            "let a proxy add the token, or write it to a file: authorization.credentials_file"
        ),
        ("sigv4", "send through a proxy that signs the requests"),
        ("azuread", "send through a proxy that adds the token"),
        ("google_iam", "send through a proxy that adds the token"),
        ("no_proxy", "leave out proxy_url where no proxy is wanted"),
        ("proxy_from_environment", "write the proxy's URL as proxy_url"),
        (
            "proxy_connect_header",
            "write what the proxy wants to know into its URL: user:password@host"
        ),
    ]

    /// Keys without effect, with the reason.
    static let withoutEffect: [(key: String, advice: String)] = [
        ("enable_http2", "the server's choice of protocol is taken"),
        ("round_robin_dns", "connections are opened to each address in turn where one fails"),
    ]

    static var all: [String] {
        translated + same + unsupported.map(\.key) + withoutEffect.map(\.key)
    }

    static let basicAuth = ["username", "username_file", "password", "password_file"]
    static let authorization = ["type", "credentials", "credentials_file"]
    static let tls: [(key: String, name: String)] = [
        ("ca_file", "ca_file"), ("cert_file", "cert_file"), ("key_file", "key_file"),
        ("server_name", "server_name_override"), ("insecure_skip_verify", "insecure_skip_verify"),
        ("min_version", "min_version"),
    ]
    /// Prometheus' names of the versions of TLS.
    static let tlsVersions = ["TLS10": "1.0", "TLS11": "1.1", "TLS12": "1.2", "TLS13": "1.3"]
}
