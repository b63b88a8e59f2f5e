import WeirSDK

/// One server: its sessions, when it is tried again, and what is remembered between collections.
struct ServerMonitor: Sendable {
    struct Cached: Sendable {
        var until: UInt64
        var points: [Point]
        /// Whether a part of it was wrong.
        var isFaulty: Bool
    }

    let host: Host
    let target: Target
    let plan: Plan
    var sessions: Sessions
    var backoff = Backoff()
    /// Why it is down, and the password with which it was.
    private var lastError: PostgresError?
    private var triedPassword: String?
    /// What was logged of each collector that fails, so that it is said once.
    var complaints: [String: String] = [:]
    /// Runs of collectors that failed so far.
    var failures: [ServerReport.Failure: Int] = [:]
    /// Answers of queries that have an interval.
    var cache: [String: Cached] = [:]
    /// Milliseconds; of this collection.
    var statementTimeout = 0
    /// Whether it was looked at what the user may see.
    private var knowsRights = false

    init(_ host: Host, _ target: Target, _ plan: Plan) {
        self.host = host
        self.target = target
        self.plan = plan
        sessions = Sessions(target, maximum: plan.maximumSessions)
    }

    /// Labels of every point of this server.
    var labels: [Label] {
        (plan.hasServerLabel ? [Label("server", target.server)] : []) + target.labels
    }

    /// Labels of the exporter's own metrics: with one server they have no `server`, as in
    /// postgres_exporter.
    var ownLabels: [Label] { plan.hasSeveralServers ? labels : target.labels }

    mutating func collect(_ whole: TimeLimit) -> ServerReport {
        var report = ask(whole)
        report.failures = failures
        return report
    }

    private mutating func ask(_ whole: TimeLimit) -> ServerReport {
        var report = ServerReport()
        // The last moments are for asking the server to give up what it could not finish.
        var limit = whole.keeping(milliseconds: min(250, whole.remaining / 10))
        statementTimeout =
            plan.statementTimeout.map { Int($0.clampedNanoseconds / 1_000_000) }
            ?? max(100, limit.remaining / 10 * 9 / 100 * 100)
        let main: String
        do throws(PostgresError) {
            try checkBackoff()
            main = try begin(&report, &limit)
        } catch {
            down(error)
            report.error = error
            return report
        }
        do throws(PostgresError) {
            for collector in plan.collectors where collector.scope == .server {
                try run(collector, nil, main, &report, &limit)
            }
            try watchDatabases(main, &report, &limit)
        } catch {
            // The session broke and there is no new one.
            down(error)
            report.error = error
            return report
        }
        backoff.succeeded()
        lastError = nil
        return report
    }

    // MARK: Up and down

    private mutating func checkBackoff() throws(PostgresError) {
        guard !sessions.has(nil), let wait = backoff.wait(at: host.monotonic),
            let lastError, !passwordChanged()
        else { return }
        let seconds = (wait.clampedNanoseconds + 999_999_999) / 1_000_000_000
        throw PostgresError(lastError.kind, "\(lastError.message) (next attempt in \(seconds) s)")
    }

    /// A new password in the file is a reason not to wait.
    private func passwordChanged() -> Bool {
        guard let password = try? target.currentPassword() else { return false }
        return password != triedPassword
    }

    private mutating func down(_ error: PostgresError) {
        sessions.closeAll()
        let isWaiting = backoff.wait(at: host.monotonic) != nil && !passwordChanged()
        guard error.kind != .cancelled, !isWaiting else { return }
        triedPassword = (try? target.currentPassword()) ?? nil
        lastError = error
        backoff.failed(at: host.monotonic)
    }

    /// Makes sure of a session, and gives the name of its database.
    private mutating func begin(
        _ report: inout ServerReport, _ limit: inout TimeLimit
    ) throws(PostgresError) -> String {
        let wasOpen = sessions.has(nil)
        do throws(PostgresError) {
            return try identify(&report, &limit)
        } catch {
            // A session that lay idle may have been closed long ago; that is not an outage.
            guard wasOpen, error.kind == .connection else { throw error }
            sessions.closeAll()
            return try identify(&report, &limit)
        }
    }

    private mutating func identify(
        _ report: inout ServerReport, _ limit: inout TimeLimit
    ) throws(PostgresError) -> String {
        let connection = try sessions.session(
            nil, statementTimeout: statementTimeout, &limit)
        let row =
            try connection.query(
                "SELECT version(), current_database(), current_setting('server_version')", &limit
            ).rows.first ?? []
        guard row.count == 3, let version = row[0], let database = row[1] else {
            throw PostgresError(.connection, "the server does not say which version it is")
        }
        report.points.append(
            Point(
                "pg_static", .unknown, help: "The server's version", .number(1),
                [Label("version", version), Label("short_version", shortVersion(row[2] ?? ""))]
                    + labels))
        if !knowsRights {
            knowsRights = true
            lookAtRights(connection, &limit)
        }
        return database
    }

    /// Without pg_monitor the views have rows without figures, which nobody sees from outside.
    private func lookAtRights(_ connection: Connection, _ limit: inout TimeLimit) {
        let sql = "SELECT pg_has_role('pg_read_all_stats', 'USAGE')"
        guard let answer = try? connection.query(sql, &limit), answer.first == "f" else { return }
        host.log(
            .warning,
            "\(target.server): the user \(target.user) sees the activity and the statements of others "
                + "in part only, so figures about them are too low: GRANT pg_monitor TO \(target.user)"
        )
    }
}

/// `15.18 (Debian 15.18-0)` as three numbers: `15.18.0`.
func shortVersion(_ text: String) -> String {
    let numbers = text.prefix { $0.isNumber || $0 == "." }.split(separator: ".")
    return (numbers.map(String.init) + ["0", "0", "0"]).prefix(3).joined(separator: ".")
}
