import WeirSDK

/// What `plugin.json` describes.
package struct PostgresqlSettings: Decodable, Sendable {
    package var endpoint: String?
    package var username: String?
    package var password: String?
    package var passwordFile: String?
    package var ambientPassword: Bool
    package var servers: [ServerSettings]
    package var databases: [String]
    package var autoDiscoverDatabases: Bool
    package var includeDatabases: [String]
    package var excludeDatabases: [String]
    package var maxConnections: Int
    package var statementTimeout: Duration?
    package var serverLabel: Bool
    package var collectors: [String: Bool]
    package var statStatements: StatementSettings
    package var aliases: [String]
    package var queries: [CustomQuery]
    package var authModule: String?
    package var authModules: [String: AuthModule]

    private enum CodingKeys: CodingKey {
        case endpoint, username, password, passwordFile, ambientPassword, servers, databases
        case autoDiscoverDatabases, includeDatabases, excludeDatabases, maxConnections
        case statementTimeout, serverLabel, collectors, statStatements, aliases, queries
        case authModule, authModules
    }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        func value<T: Decodable>(_ key: CodingKeys, _ standard: T) throws -> T {
            try values.decodeIfPresent(T.self, forKey: key) ?? standard
        }
        endpoint = try values.decodeIfPresent(String.self, forKey: .endpoint)
        username = try values.decodeIfPresent(String.self, forKey: .username)
        password = try values.decodeIfPresent(String.self, forKey: .password)
        passwordFile = try values.decodeIfPresent(String.self, forKey: .passwordFile)
        ambientPassword = try value(.ambientPassword, true)
        servers = try value(.servers, [])
        databases = try value(.databases, [])
        autoDiscoverDatabases = try value(.autoDiscoverDatabases, false)
        includeDatabases = try value(.includeDatabases, [])
        excludeDatabases = try value(.excludeDatabases, [])
        maxConnections = try value(.maxConnections, 8)
        statementTimeout = try values.decodeIfPresent(Duration.self, forKey: .statementTimeout)
        serverLabel = try value(.serverLabel, true)
        collectors = try value(.collectors, [:])
        statStatements = try value(.statStatements, StatementSettings())
        aliases = try value(.aliases, ["pg_stat_statements_mean"])
        queries = try value(.queries, [])
        authModule = try values.decodeIfPresent(String.self, forKey: .authModule)
        authModules = try value(.authModules, [:])
    }
}

/// One server of several.
package struct ServerSettings: Decodable, Sendable {
    package var endpoint: String
    package var username: String?
    package var password: String?
    package var passwordFile: String?
    package var labels: [String: String]?
}

/// `stat_statements`.
package struct StatementSettings: Decodable, Sendable {
    package var limit = 100
    package var queryLength = 0

    private enum CodingKeys: CodingKey { case limit, queryLength }

    package init() {}

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        limit = try values.decodeIfPresent(Int.self, forKey: .limit) ?? limit
        queryLength = try values.decodeIfPresent(Int.self, forKey: .queryLength) ?? queryLength
    }
}

/// Who one is on servers that are asked by `/probe?target=`, as postgres_exporter has it.
package struct AuthModule: Decodable, Sendable {
    package struct UserPassword: Decodable, Sendable {
        package var username: String?
        package var password: String?
        package var passwordFile: String?
    }

    package var type: String?
    package var userpass: UserPassword?
    package var options: [String: String]?
}
