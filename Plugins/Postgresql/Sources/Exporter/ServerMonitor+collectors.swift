import WeirSDK

extension ServerMonitor {
    /// Runs one collector. Throws only if the main session broke and cannot be had again.
    ///
    /// - Parameter database: `nil` for the main session.
    mutating func run(
        _ collector: Collector, _ database: String?, _ name: String, _ report: inout ServerReport,
        _ limit: inout TimeLimit
    ) throws(PostgresError) {
        try run(collector.name, database, name, &report, &limit) {
            connection, limit throws(PostgresError) in
            guard collector.isThere(version: connection.version) else { return nil }
            return Answer(points: try collector.collect(connection, &limit))
        }
    }

    /// - Parameter body: gives the points; `nil`: this server has none of it. A fault in a part of them
    ///   is a failure, and the others stay.
    private mutating func run(
        _ collector: String, _ database: String?, _ name: String, _ report: inout ServerReport,
        _ limit: inout TimeLimit,
        _ body: (Connection, inout TimeLimit) throws(PostgresError) -> Answer?
    ) throws(PostgresError) {
        let start = host.monotonic
        let connection: Connection
        do throws(PostgresError) {
            connection = try sessions.session(
                database, statementTimeout: statementTimeout, &limit)
        } catch {
            sessions.closeBroken()
            // Another database may be closed to this user; the main one is the server.
            if database == nil, error.kind == .connection || error.kind == .authentication {
                throw error
            }
            failed(collector, name, error, start, &report)
            return
        }
        do throws(PostgresError) {
            guard let answer = try body(connection, &limit) else { return }
            report.points += answer.points.map { point in
                var point = point
                point.labels += labels
                return point
            }
            if let fault = answer.fault {
                return failed(collector, name, fault, start, &report)
            }
            report.add(collector, isSuccess: true, seconds: seconds(since: start))
            if complaints.removeValue(forKey: "\(collector) \(name)") != nil {
                host.log(
                    .info, "\(target.server): collector \(collector) succeeds again in \(name)")
            }
        } catch {
            sessions.closeBroken()
            if error.state == Collector.Condition.notMet, !plan.needsStatements {
                // Nobody asked for it by name: it is as if the server had none of it.
                complain(collector, name, error.message, level: .info)
                return
            }
            failed(collector, name, error, start, &report)
        }
    }

    private mutating func failed(
        _ collector: String, _ database: String, _ error: PostgresError, _ start: UInt64,
        _ report: inout ServerReport
    ) {
        report.add(collector, isSuccess: false, seconds: seconds(since: start))
        failures[ServerReport.Failure(collector: collector, reason: error.reason), default: 0] += 1
        if error.kind == .timeout { report.late = report.late ?? collector }
        complain(collector, database, explained(collector, error), level: .warning)
    }

    /// Says it once, and again when it is another thing.
    private mutating func complain(
        _ collector: String, _ database: String, _ text: String, level: LogLevel
    ) {
        let key = "\(collector) \(database)"
        // Timeouts are never quite the same.
        let cause = text.filter { !$0.isNumber }
        guard complaints[key] != cause else { return }
        complaints[key] = cause
        host.log(
            level,
            "\(target.server): collector \(collector) "
                + "\(level == .info ? "has nothing" : "failed") in \(database): \(text)")
    }

    /// What the server said, and what to do about it.
    private func explained(_ collector: String, _ error: PostgresError) -> String {
        if error.isDenied, !collector.hasPrefix("query_") {
            return "\(error.message); GRANT pg_monitor TO \(target.user)"
        }
        if error.state == "57014", error.message.contains("statement timeout") {
            let origin =
                plan.statementTimeout == nil
                ? "which is a little less than the exporter's timeout" : "as statement_timeout says"
            return "\(error.message) after \(statementTimeout) ms, \(origin)"
        }
        return error.message
    }

    private func seconds(since start: UInt64) -> Double { Double(host.monotonic - start) / 1e9 }

    /// Collectors and queries that look into databases.
    mutating func watchDatabases(
        _ main: String, _ report: inout ServerReport, _ limit: inout TimeLimit
    ) throws(PostgresError) {
        // Databases come and go, and with them their answers and complaints.
        let now = host.monotonic
        cache = cache.filter { now < $0.value.until }
        if complaints.count > 1000 { complaints = [:] }
        let databases = plan.watched(main: main, found: try discover(main, &report, &limit))
        for database in databases {
            for collector in plan.collectors where collector.scope == .database {
                try run(
                    collector, database == main ? nil : database, database, &report, &limit)
            }
        }
        for query in plan.queries {
            let chosen = query.databases ?? [main]
            let all = chosen.contains("*") ? databases : chosen
            for database in all {
                try run(query, database, main: main, &report, &limit)
            }
        }
    }

    /// Names of the databases that the server lets this user into.
    private mutating func discover(
        _ main: String, _ report: inout ServerReport, _ limit: inout TimeLimit
    ) throws(PostgresError) -> [String] {
        guard plan.discovers else { return [] }
        var found: [String] = []
        try run("discovery", nil, main, &report, &limit) {
            connection, limit throws(PostgresError) in
            found = try connection.query(
                """
                SELECT datname FROM pg_database WHERE datallowconn AND NOT datistemplate \
                AND has_database_privilege(oid, 'CONNECT') ORDER BY datname
                """, &limit
            ).rows.compactMap { $0.first ?? nil }
            return Answer(points: [])
        }
        return found
    }

    /// A query of the configuration, or what it gave before within its interval.
    private mutating func run(
        _ query: CustomQuery, _ database: String, main: String, _ report: inout ServerReport,
        _ limit: inout TimeLimit
    ) throws(PostgresError) {
        let key = "\(query.name) \(database)"
        let now = host.monotonic
        if let cached = cache[key], now < cached.until {
            report.points += cached.points
            report.add("query_\(query.name)", isSuccess: !cached.isFaulty, seconds: 0)
            return
        }
        let before = report.points.count
        var isFaulty = false
        let user = target.user
        let needsDatabase =
            query.databases != nil && !(query.labels ?? []).contains("datname")
        try run(
            "query_\(query.name)", database == main ? nil : database, database, &report, &limit
        ) { connection, limit throws(PostgresError) in
            let table: Table
            do throws(PostgresError) {
                table = try connection.foreignQuery(query.query, &limit)
            } catch {
                throw query.explaining(error, user: user)
            }
            var answer = try query.answer(table)
            isFaulty = answer.fault != nil
            if needsDatabase {
                for index in answer.points.indices {
                    answer.points[index].labels.append(Label("datname", database))
                }
            }
            return answer
        }
        guard let interval = query.interval, report.points.count > before else { return }
        cache[key] = Cached(
            until: now + interval.clampedNanoseconds,
            points: Array(report.points[before...]), isFaulty: isFaulty)
    }
}
