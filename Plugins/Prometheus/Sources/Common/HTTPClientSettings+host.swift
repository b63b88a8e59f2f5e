import WeirJSON
import WeirSDK

extension HTTPClientSettings {
    /// The settings with which `host.httpClient.open` makes such a client.
    ///
    /// - Parameters:
    ///   - endpoint: the URL that paths of requests are appended to.
    ///   - timeout: of requests that have no deadline of their own; `nil`: the host's default.
    func hostSettings(endpoint: String, timeout: Duration? = nil) -> HostSettings {
        var members = [
            JSONMember("endpoint", .string(endpoint)),
            // Requests of Prometheus have no body but in remote write, which compresses itself.
            JSONMember("compression", .string("none")),
            JSONMember("follow_redirects", .bool(followRedirects)),
        ]
        if let timeout {
            let nanoseconds = Int64(clamping: timeout.clampedNanoseconds)
            members.append(JSONMember("timeout", .integer(nanoseconds)))
        }
        if let tls = tlsMembers { members.append(JSONMember("tls", .object(tls))) }
        if !headers.isEmpty { members.append(JSONMember("headers", .object(headers))) }
        if let proxy = proxyURL, !isExempt(endpoint) {
            members.append(JSONMember("proxy_url", .string(proxy)))
        }
        if let basicAuth {
            let basic = JSONMember("basic", .object(basicAuth.members))
            members.append(JSONMember("auth", .object([basic])))
        } else if let authorization = authorizationMembers {
            let member = JSONMember("authorization", .object(authorization))
            members.append(JSONMember("auth", .object([member])))
        }
        return HostSettings(.object(members))
    }

    private var tlsMembers: [JSONMember]? {
        guard let tls = tlsConfig else { return nil }
        var members = texts([
            ("ca_file", tls.caFile), ("cert_file", tls.certFile), ("key_file", tls.keyFile),
            ("server_name_override", tls.serverName),
            ("min_version", tls.minVersion.flatMap { HTTPClientSettings.versions[$0] }),
        ])
        if tls.insecureSkipVerify == true {
            members.append(JSONMember("insecure_skip_verify", .bool(true)))
        }
        return members
    }

    private var authorizationMembers: [JSONMember]? {
        if let authorization {
            return texts([
                ("type", authorization.type ?? "Bearer"),
                ("credentials", authorization.credentials),
                ("credentials_file", authorization.credentialsFile),
            ])
        }
        guard hasBearer else { return nil }
        return texts([
            ("type", "Bearer"), ("credentials", bearerToken),
            ("credentials_file", bearerTokenFile),
        ])
    }

    private var headers: [JSONMember] {
        httpHeaders.sorted { $0.key < $1.key }.flatMap { name, values in
            ((values.values ?? []) + (values.secrets ?? [])).map {
                JSONMember(name, .string($0))
            }
        }
    }

    /// Whether `no_proxy` names the host of this URL, or a domain that it lies in.
    private func isExempt(_ endpoint: String) -> Bool {
        guard let noProxy else { return false }
        guard let host = URLParts(endpoint)?.host.lowercased() else { return false }
        return noProxy.split(separator: ",").contains { entry in
            let name = entry.drop { $0 == " " }.prefix { $0 != " " }.lowercased()
            if name == "*" { return true }
            let domain = name.hasPrefix(".") ? name : "." + name
            return host == name || (host.hasSuffix(domain) && domain.count > 1)
        }
    }
}

extension HTTPClientSettings.BasicAuth {
    fileprivate var members: [JSONMember] {
        texts([
            ("username", username), ("username_file", usernameFile), ("password", password),
            ("password_file", passwordFile),
        ])
    }
}

private func texts(_ pairs: [(String, String?)]) -> [JSONMember] {
    pairs.compactMap { name, text in text.map { JSONMember(name, .string($0)) } }
}
