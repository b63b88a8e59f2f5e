import WeirJSON
package import WeirSDK

package struct VaultSettings: Decodable, Sendable {
    package var namespace = ""
    package var token: String?
    package var tokenFile: String?
    package var approle: AppRole?
    package var kubernetes: KubernetesLogin?
    package var metrics = true
    package var leases = false
    package var pki = true
    package var pkiMounts: [String] = []
    package var pkiInterval = Duration.seconds(300)
    /// What the host connects with: all that is not this plugin's own.
    package let client: HostSettings

    private enum CodingKeys: CodingKey {
        case endpoint, namespace, token, tokenFile, approle, kubernetes, metrics, leases, pki
        case pkiMounts, pkiInterval, compression, followRedirects
    }

    private static let own: Set<String> = [
        "namespace", "token", "token_file", "approle", "kubernetes", "metrics", "leases", "pki",
        "pki_mounts", "pki_interval", "interval", "timeout", "initial_delay", "labels",
        "follow_redirects", "compression",
    ]

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        func value<T: Decodable>(_ key: CodingKeys, _ fallback: T) throws -> T {
            try values.decodeIfPresent(T.self, forKey: key) ?? fallback
        }
        namespace = try value(.namespace, namespace)
        token = try values.decodeIfPresent(String.self, forKey: .token)
        tokenFile = try values.decodeIfPresent(String.self, forKey: .tokenFile)
        approle = try values.decodeIfPresent(AppRole.self, forKey: .approle)
        kubernetes = try values.decodeIfPresent(KubernetesLogin.self, forKey: .kubernetes)
        metrics = try value(.metrics, metrics)
        leases = try value(.leases, leases)
        pki = try value(.pki, pki)
        pkiMounts = try value(.pkiMounts, pkiMounts)
        pkiInterval = try value(.pkiInterval, pkiInterval)
        // Never true: the schema refuses it, and a token is for one server.
        _ = try value(.followRedirects, false)
        let endpoint = try value(.endpoint, "http://127.0.0.1:8200")
        let compression = try value(.compression, "none")
        let all = try HostSettings(from: decoder)
        let members = (all.json.objectValue ?? []).filter { !VaultSettings.own.contains($0.key) }
        client = HostSettings(
            .object(members + [JSONMember("compression", .string(compression))])
        ).replacing(endpoint: endpoint)
    }
}

package struct AppRole: Decodable, Sendable {
    package var mount = "approle"
    package var roleId: String
    package var secretId: String?
    package var secretIdFile: String?

    private enum CodingKeys: CodingKey { case mount, roleId, secretId, secretIdFile }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        mount = try values.decodeIfPresent(String.self, forKey: .mount) ?? mount
        roleId = try values.decode(String.self, forKey: .roleId)
        secretId = try values.decodeIfPresent(String.self, forKey: .secretId)
        secretIdFile = try values.decodeIfPresent(String.self, forKey: .secretIdFile)
    }
}

package struct KubernetesLogin: Decodable, Sendable {
    package var mount = "kubernetes"
    package var role: String
    package var tokenFile = "/var/run/secrets/kubernetes.io/serviceaccount/token"

    private enum CodingKeys: CodingKey { case mount, role, tokenFile }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        mount = try values.decodeIfPresent(String.self, forKey: .mount) ?? mount
        role = try values.decode(String.self, forKey: .role)
        tokenFile = try values.decodeIfPresent(String.self, forKey: .tokenFile) ?? tokenFile
    }
}

extension VaultSettings {
    /// What contradicts itself.
    package func check() throws(ComponentError) {
        let ways = [
            ("token", token != nil), ("token_file", tokenFile != nil), ("approle", approle != nil),
            ("kubernetes", kubernetes != nil),
        ].filter(\.1).map(\.0)
        guard ways.count <= 1 else {
            throw .invalid(
                "found \(ways.joined(separator: " and ")), expected at most one way to a token")
        }
        if let approle, approle.secretId != nil, approle.secretIdFile != nil {
            throw .invalid("approle: found secret_id and secret_id_file, expected one of them")
        }
    }
}
