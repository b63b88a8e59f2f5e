import WeirJSON
package import WeirSDK

/// What sink and receiver have in common: where the servers are, and who we are there.
package struct ConnectionSettings: Decodable, Sendable {
    package var endpoint: String
    package var username: String?
    package var password: String?
    package var passwordFile: String?
    package var token: String?
    package var tokenFile: String?
    package var tls: HostSettings?
    package var connectionTimeout: Duration

    /// Says what contradicts itself.
    package func check(_ problems: inout SettingsProblems) {
        problems.check { () throws(ComponentError) in _ = try NatsTarget.list(endpoint) }
        func both(_ a: String?, _ b: String?) -> Bool { a != nil && b != nil }
        if both(password, passwordFile) {
            problems.add("password_file: password is set, too: expected one of them")
        }
        if both(token, tokenFile) {
            problems.add("token_file: token is set, too: expected one of them")
        }
        if username != nil, password == nil, passwordFile == nil {
            problems.add("username: it has no password: set password or password_file")
        }
        if username == nil, password != nil || passwordFile != nil {
            problems.add(
                "\(password != nil ? "password" : "password_file"): there is no username: set "
                    + "username, or use token")
        }
    }

    /// Whether TLS is asked for here; `nil`: as the server likes.
    func wantsTLS(_ target: NatsTarget) -> Bool? {
        if target.usesTLS { return true }
        guard let json = tls?.json, json != .null else { return nil }
        return json["insecure"]?.boolValue != true
    }

    /// - Parameter keptAtStop: it is used until stop() has ended.
    func plainStream(_ target: NatsTarget, keptAtStop: Bool) -> HostSettings {
        let limit = Int64(clamping: connectionTimeout.clampedNanoseconds)
        return HostSettings(
            .object([
                JSONMember("endpoint", .string(target.address)),
                JSONMember("timeout", .integer(limit)),
                JSONMember("kept_at_stop", .bool(keptAtStop)),
            ]))
    }

    func tlsStream(_ target: NatsTarget) -> HostSettings {
        let given = (tls?.json.objectValue ?? []).filter { $0.key != "insecure" }
        return HostSettings(
            .object([
                JSONMember("endpoint", .string(target.address)),
                JSONMember("tls", .object(given)),
            ]))
    }

    /// What CONNECT says. Files are read anew for each connection.
    func greeting(_ target: NatsTarget, isSecure: Bool) throws(ComponentError) -> [UInt8] {
        var members = [
            JSONMember("verbose", .bool(false)), JSONMember("pedantic", .bool(false)),
            JSONMember("tls_required", .bool(isSecure)), JSONMember("name", .string("weir")),
            JSONMember("lang", .string("swift")), JSONMember("version", .string(plugin.version)),
            JSONMember("protocol", .integer(1)), JSONMember("headers", .bool(true)),
            JSONMember("no_responders", .bool(true)),
        ]
        let password =
            if let passwordFile {
                try SecretFile(passwordFile, setting: "password_file").line()
            } else {
                self.password ?? target.password
            }
        let token =
            if let tokenFile {
                try SecretFile(tokenFile, setting: "token_file").trimmed()
            } else {
                self.token ?? target.token
            }
        if let user = username ?? target.user { members.append(JSONMember("user", .string(user))) }
        if let password { members.append(JSONMember("pass", .string(password))) }
        if let token { members.append(JSONMember("auth_token", .string(token))) }
        return Array("CONNECT ".utf8) + JSONValue.object(members).serializedBytes()
            + Array("\r\n".utf8)
    }
}
