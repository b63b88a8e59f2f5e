package import WeirSDK

/// A server that is watched, and how a session with it is opened.
package struct Target: Sendable {
    private let parameters: ConnectionParameters
    private let password: String?
    private let passwordFile: SecretFile?
    /// `host:port`.
    package let server: String
    /// The database that the endpoint names; `nil`: the one that is called like the user.
    package var database: String? { parameters.database }
    /// Who asks, for messages.
    package var user: String { parameters["user"] ?? "the user" }
    /// For each of its points.
    package let labels: [Label]

    package static let standardEndpoint = "postgresql://localhost:5432/postgres"

    /// What is sent where libpq must not look for a password itself: it looks in the environment and in
    /// files wherever it has none, and sends what it finds to whatever server it is told to ask.
    private static let nothing = "-"

    /// Throws `invalid` if the endpoint cannot be understood.
    ///
    /// - Parameter takesAmbientPassword: `ambient_password`.
    package init(
        _ settings: ServerSettings, module: AuthModule? = nil, takesAmbientPassword: Bool = true
    ) throws(ComponentError) {
        var parameters = try ConnectionParameters(settings.endpoint)
        for (key, value) in (module?.options ?? [:]).sorted(by: { $0.key < $1.key }) {
            parameters[key] = value
        }
        let user = settings.username ?? module?.userpass?.username
        if let user, !user.isEmpty { parameters["user"] = user }
        password = settings.password ?? module?.userpass?.password
        passwordFile = (settings.passwordFile ?? module?.userpass?.passwordFile).map {
            SecretFile($0, setting: "password_file")
        }
        if passwordFile != nil, settings.password != nil {
            throw .invalid("password and password_file are both given; leave one of them out")
        }
        // To libpq an empty password is none.
        if !takesAmbientPassword, (parameters["password"] ?? "").isEmpty {
            parameters["password"] = Target.nothing
        }
        parameters.setDefault("application_name", "weir")
        // Asking for Kerberos tickets may block, and few have them.
        parameters.setDefault("gssencmode", "disable")
        self.parameters = parameters
        server = parameters.server
        labels = (settings.labels ?? [:]).sorted { $0.key < $1.key }.map(Label.init)
    }

    /// What to open a session with; the file with the password is read each time.
    func parameters(database: String?) throws(PostgresError) -> ConnectionParameters {
        var result = parameters
        if let database { result["dbname"] = database }
        if let password = try currentPassword() { result["password"] = password }
        return result
    }

    /// The password as it is now; `nil`: none is set here.
    func currentPassword() throws(PostgresError) -> String? {
        guard let passwordFile else { return password }
        do throws(ComponentError) {
            return try passwordFile.line()
        } catch {
            throw PostgresError(.authentication, error.message)
        }
    }
}

extension PostgresqlSettings {
    /// The servers that they name.
    package func targets() throws(ComponentError) -> [Target] {
        var module: AuthModule?
        if let authModule {
            guard let found = authModules[authModule] else {
                let known = authModules.keys.sorted().joined(separator: ", ")
                throw .invalid(
                    "auth_module is '\(authModule)'; auth_modules has "
                        + (known.isEmpty ? "none" : known))
            }
            guard found.type ?? "userpass" == "userpass" else {
                throw .invalid(
                    "auth_modules.\(authModule).type is '\(found.type ?? "")'; expected 'userpass'")
            }
            module = found
        }
        var all = servers
        if endpoint != nil || servers.isEmpty {
            all.insert(
                ServerSettings(
                    endpoint: endpoint ?? Target.standardEndpoint, username: username,
                    password: password, passwordFile: passwordFile), at: 0)
        }
        var targets: [Target] = []
        for server in all {
            targets.append(
                try Target(server, module: module, takesAmbientPassword: ambientPassword))
        }
        return targets
    }

    package var catalogOptions: CatalogOptions {
        var options = CatalogOptions()
        options.statementLimit = statStatements.limit
        options.statementLength = statStatements.queryLength
        options.hasMeanAlias = aliases.contains("pg_stat_statements_mean")
        return options
    }

    /// The collectors that are switched on. Throws `invalid` for a name that is none.
    package func enabledCollectors() throws(ComponentError) -> [Collector] {
        let all = Catalog.collectors(catalogOptions)
        for name in collectors.keys.sorted() where !all.contains(where: { $0.name == name }) {
            throw .invalid(
                "collectors has '\(name)'; expected one of "
                    + all.map(\.name).sorted().joined(separator: ", "))
        }
        return all.filter { collectors[$0.name] ?? true }
    }
}
