extension HTTPClientSettings {
    /// What contradicts itself: at which key, and why.
    var fault: (key: CodingKeys, message: String)? {
        if let basic = basicAuth {
            if basic.username != nil && basic.usernameFile != nil {
                return (.basicAuth, "found username and username_file, expected one of them")
            }
            if basic.password != nil && basic.passwordFile != nil {
                return (.basicAuth, "found password and password_file, expected one of them")
            }
        }
        if bearerToken != nil && bearerTokenFile != nil {
            return (.bearerToken, "found bearer_token and bearer_token_file, expected one of them")
        }
        if let authorization {
            if authorization.credentials != nil && authorization.credentialsFile != nil {
                return (
                    .authorization, "found credentials and credentials_file, expected one of them"
                )
            }
            if authorization.type?.lowercased() == "basic" {
                return (.authorization, "found the type basic, write basic_auth instead")
            }
        }
        let ways = [basicAuth != nil, hasAuthorization, hasBearer].count { $0 }
        if ways > 1 {
            return (
                hasAuthorization ? .authorization : .basicAuth,
                "found more than one of basic_auth, authorization and bearer_token, expected one"
            )
        }
        if let tls = tlsConfig {
            if (tls.certFile == nil) != (tls.keyFile == nil) {
                return (.tlsConfig, "found one of cert_file and key_file, expected both or none")
            }
            if let version = tls.minVersion, HTTPClientSettings.versions[version] == nil {
                return (
                    .tlsConfig,
                    "found min_version \"\(version)\", expected TLS10, TLS11, TLS12 or TLS13"
                )
            }
        }
        if noProxy != nil && proxyURL == nil {
            return (.noProxy, "found no_proxy without proxy_url, remove it or add a proxy")
        }
        return nil
    }

    /// A scheme alone authorizes nobody.
    private var hasAuthorization: Bool {
        authorization?.credentials != nil || authorization?.credentialsFile != nil
    }

    var hasBearer: Bool { bearerToken != nil || bearerTokenFile != nil }

    static let versions = ["TLS10": "1.0", "TLS11": "1.1", "TLS12": "1.2", "TLS13": "1.3"]
}
