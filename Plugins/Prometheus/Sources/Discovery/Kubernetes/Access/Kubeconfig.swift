import WeirJSON
import WeirSDK

/// The current context of a kubeconfig file.
struct Kubeconfig {
    var hostSettings: HostSettings

    /// Throws `invalid` for what is missing or not supported.
    init(path: String, host: Host) throws(ComponentError) {
        guard let documents = host.documents else {
            throw .unsupported("this host reads no YAML, which kubeconfig_file needs")
        }
        let text = try documents.json(try TargetFile.read(path))
        let json: JSONValue
        do throws(JSONError) {
            json = try JSONValue(parsing: text)
        } catch {
            throw .invalid("\(path): \(error)")
        }
        do throws(ComponentError) {
            let file = try HostSettings(json).decode(File.self)
            hostSettings = try file.settings(relativeTo: path)
        } catch {
            throw ComponentError(error.kind, "\(path): \(error.message)")
        }
    }
}

private struct File: Decodable {
    struct Named<Value: Decodable>: Decodable {
        var name: String
        var cluster: Value?
        var context: Value?
        var user: Value?

        var value: Value? { cluster ?? context ?? user }
    }

    struct Cluster: Decodable {
        var server: String?
        var caFile: String?
        var caData: String?
        var skipsVerification: Bool?
        var serverName: String?

        enum CodingKeys: String, CodingKey {
            case server
            case caFile = "certificate-authority"
            case caData = "certificate-authority-data"
            case skipsVerification = "insecure-skip-tls-verify"
            case serverName = "tls-server-name"
        }
    }

    struct Context: Decodable {
        var cluster: String?
        var user: String?
    }

    struct User: Decodable {
        var token: String?
        var tokenFile: String?
        var username: String?
        var password: String?
        var certFile: String?
        var certData: String?
        var keyFile: String?
        var keyData: String?
        var exec: HostSettings?
        var authProvider: HostSettings?

        enum CodingKeys: String, CodingKey {
            case token, tokenFile, username, password, exec
            case certFile = "client-certificate"
            case certData = "client-certificate-data"
            case keyFile = "client-key"
            case keyData = "client-key-data"
            case authProvider = "auth-provider"
        }
    }

    var clusters: [Named<Cluster>]?
    var contexts: [Named<Context>]?
    var users: [Named<User>]?
    var currentContext: String?

    enum CodingKeys: String, CodingKey {
        case clusters, contexts, users
        case currentContext = "current-context"
    }

    func settings(relativeTo path: String) throws(ComponentError) -> HostSettings {
        let name = currentContext ?? ""
        guard let context = contexts?.first(where: { $0.name == name })?.value else {
            throw .invalid("found no context \"\(name)\", set current-context to one of its own")
        }
        guard let cluster = clusters?.first(where: { $0.name == context.cluster })?.value,
            let server = cluster.server
        else { throw .invalid("the context \(name) has no cluster with a server") }
        let user = users?.first { $0.name == context.user }?.value
        if cluster.caData != nil || user?.certData != nil || user?.keyData != nil {
            throw .invalid(
                "certificates and keys within the file are not supported, write them to files "
                    + "and name those (certificate-authority, client-certificate, client-key)")
        }
        if user?.exec != nil || user?.authProvider != nil {
            throw .invalid("users with exec or auth-provider are not supported, use a token")
        }
        let directory = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
            .joined(separator: "/")
        func absolute(_ file: String?) -> String? {
            guard let file, !file.hasPrefix("/"), path.contains("/") else { return file }
            return directory + "/" + file
        }
        var client = HTTPClientSettings()
        client.tlsConfig = .init(
            caFile: absolute(cluster.caFile), certFile: absolute(user?.certFile),
            keyFile: absolute(user?.keyFile), serverName: cluster.serverName,
            insecureSkipVerify: cluster.skipsVerification)
        if let file = absolute(user?.tokenFile) {
            client.bearerTokenFile = file
        } else if let token = user?.token {
            client.bearerToken = token
        } else if let username = user?.username {
            client.basicAuth = .init(username: username, password: user?.password ?? "")
        }
        return client.hostSettings(endpoint: server)
    }
}
