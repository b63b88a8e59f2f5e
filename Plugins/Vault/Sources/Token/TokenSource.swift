import WeirJSON
import WeirSDK

/// Where the exporter's token comes from.
enum TokenSource: Sendable {
    case none
    case given(String)
    case file(String)
    case approle(AppRole)
    case kubernetes(KubernetesLogin)

    init(_ settings: VaultSettings) {
        if let token = settings.token {
            self = .given(token)
        } else if let path = settings.tokenFile {
            self = .file(path)
        } else if let approle = settings.approle {
            self = .approle(approle)
        } else if let kubernetes = settings.kubernetes {
            self = .kubernetes(kubernetes)
        } else {
            self = .none
        }
    }

    /// The token as of now: `login` is the one of the last login, and is kept up here.
    ///
    /// - Returns: `nil` if there is to be none.
    func token(
        _ login: inout LoginToken?, from server: VaultServer, at now: UInt64
    ) throws(ComponentError) -> String? {
        switch self {
        case .none: return nil
        case .given(let token): return token
        case .file(let path): return try TokenSource.read(path, as: "token_file")
        case .approle, .kubernetes: break
        }
        if let known = login, known.step(at: now) != .logIn {
            if known.step(at: now) == .use { return known.text }
            if try renew(&login, from: server, at: now) { return known.text }
        }
        login = nil
        let made = try logIn(server, at: now)
        login = made
        return made.text
    }

    private static func read(_ path: String, as key: String) throws(ComponentError) -> String {
        let text = try SecretFile(path, setting: key).trimmed()
        // A header cannot carry anything else.
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
            throw .refused("\(key) \(path) has bytes that no token has, expected one line of text")
        }
        return text
    }

    /// Whether a token that the server does not take can be replaced.
    var logsIn: Bool {
        switch self {
        case .approle, .kubernetes: true
        default: false
        }
    }

    /// `false`: the token is no longer one.
    private func renew(
        _ login: inout LoginToken?, from server: VaultServer, at now: UInt64
    ) throws(ComponentError) -> Bool {
        guard var token = login else { return false }
        let answer = try server.post("auth/token/renew-self", token: token.text, [])
        guard answer.code == 200, let json = try? JSONValue(parsing: answer.body),
            token.renewed(json, at: now)
        else { return false }
        login = token
        return true
    }

    private func logIn(_ server: VaultServer, at now: UInt64) throws(ComponentError) -> LoginToken {
        let path: String
        var members: [JSONMember]
        switch self {
        case .approle(let role):
            path = "auth/\(role.mount)/login"
            members = [JSONMember("role_id", .string(role.roleId))]
            if let file = role.secretIdFile {
                let secret = try TokenSource.read(file, as: "approle.secret_id_file")
                members.append(JSONMember("secret_id", .string(secret)))
            } else if let secret = role.secretId {
                members.append(JSONMember("secret_id", .string(secret)))
            }
        case .kubernetes(let role):
            path = "auth/\(role.mount)/login"
            let token = try TokenSource.read(role.tokenFile, as: "kubernetes.token_file")
            members = [
                JSONMember("role", .string(role.role)), JSONMember("jwt", .string(token)),
            ]
        case .none, .given, .file: throw .invalid("there is no login")
        }
        let answer = try server.post(path, members)
        guard answer.code == 200 else {
            throw VaultServer.refusal(
                answer, of: path,
                advice: "the login failed; the role, its secret and the mount have to exist and fit"
            )
        }
        guard let json = try? JSONValue(parsing: answer.body),
            let token = LoginToken(json, at: now)
        else { throw .refused("\(path) answered 200 without auth.client_token") }
        return token
    }
}
