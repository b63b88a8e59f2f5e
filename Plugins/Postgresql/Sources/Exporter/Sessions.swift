import WeirSDK

/// The open sessions with one server, one for each database, at most so many.
struct Sessions: Sendable {
    private let target: Target
    private let maximum: Int
    /// The one that was used last comes last. The main one, of the endpoint's database, has no name.
    private var open: [(database: String?, connection: Connection)] = []

    init(_ target: Target, maximum: Int) {
        self.target = target
        self.maximum = max(1, maximum)
    }

    func has(_ database: String?) -> Bool { open.contains { $0.database == database } }

    /// The session with a database, opened if there is none.
    mutating func session(
        _ database: String?, statementTimeout: Int, _ limit: inout TimeLimit
    ) throws(PostgresError) -> Connection {
        let connection: Connection
        if let index = open.firstIndex(where: { $0.database == database }) {
            connection = open.remove(at: index).connection
        } else {
            makeRoom()
            connection = try Connection.open(target.parameters(database: database), &limit)
            _ = try connection.query(SessionSetup.statement, &limit)
        }
        if connection.statementTimeout != statementTimeout {
            _ = try connection.query(SessionSetup.timeout(statementTimeout), &limit)
            connection.statementTimeout = statementTimeout
        }
        open.append((database, connection))
        return connection
    }

    /// Closes those that cannot be used any more.
    mutating func closeBroken() { open.removeAll { !$0.connection.isUsable } }

    mutating func closeAll() { open = [] }

    /// Closes the one that was not used for longest; the main one last of all.
    private mutating func makeRoom() {
        while open.count >= maximum {
            open.remove(at: open.firstIndex { $0.database != nil } ?? 0)
        }
    }
}
