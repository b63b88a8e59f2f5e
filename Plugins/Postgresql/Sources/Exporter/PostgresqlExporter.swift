import Synchronization
package import WeirSDK

/// Watches PostgreSQL servers, with the metrics of postgres_exporter.
package final class PostgresqlExporter: Exporter {
    private struct State {
        var monitors: [ServerMonitor]
        var collections = 0
        /// Names of metrics that came twice, which was said.
        var repeated: Set<String> = []
    }

    private let host: Host
    /// Nobody waits here: collections come one at a time.
    private let state: Mutex<State>

    package init(settings: PostgresqlSettings, host: Host) throws(ComponentError) {
        self.host = host
        let targets = try settings.targets()
        let plan = try Plan(settings, targets)
        let monitors = targets.map { ServerMonitor(host, $0, plan) }
        for (index, monitor) in monitors.enumerated() {
            guard !monitors[..<index].contains(where: { $0.labels == monitor.labels }) else {
                throw .invalid(
                    "two servers have the same labels, so their metrics could not be told apart; "
                        + "give \(monitor.target.server) labels of its own in servers")
            }
        }
        state = Mutex(State(monitors: monitors))
    }

    package func collect(
        into metrics: inout Metrics, deadline: Deadline
    ) throws(ComponentError) {
        metrics.usesPrometheusNames = true
        let start = host.monotonic
        // Out of the lock while servers are asked.
        var monitors = state.withLock { $0.monitors }
        var points: [Point] = []
        var errors: [ComponentError] = []
        var hasFailures = false
        let limit = TimeLimit(host, deadline)
        for index in monitors.indices {
            let share = limit.share(of: monitors.count - index)
            let report = monitors[index].collect(share)
            points += report.points + report.ownPoints(monitors[index].ownLabels)
            hasFailures = hasFailures || report.hasFailures
            if let error = failure(report, monitors[index].target.server) { errors.append(error) }
        }
        let collections = state.withLock { state in
            state.monitors = monitors
            state.collections += 1
            return state.collections
        }
        let repeated = points.removeRepeats()
        complain(repeated)
        points += ownPoints(start, hasFailures || !repeated.isEmpty, collections)
        points.write(to: &metrics)
        guard var error = errors.first else { return }
        if errors.count > 1 { error.message += " (and \(errors.count - 1) more servers)" }
        throw error
    }

    package func stop(deadline: Deadline) throws(ComponentError) {
        state.withLock { state in
            for index in state.monitors.indices { state.monitors[index].sessions.closeAll() }
        }
    }

    private func failure(_ report: ServerReport, _ server: String) -> ComponentError? {
        if let error = report.error?.componentError {
            return ComponentError(error.kind, "\(server): \(error.message)")
        }
        return report.late.map { .timeout("\(server): collector \($0) did not end in time") }
    }

    private func ownPoints(_ start: UInt64, _ hasFailures: Bool, _ collections: Int) -> [Point] {
        [
            Point(
                gauge: "pg_exporter_last_scrape_duration_seconds",
                help: "How long the last collection took", Double(host.monotonic - start) / 1e9),
            Point(
                gauge: "pg_exporter_last_scrape_error",
                help: "Whether something failed in the last collection (1) or not (0)",
                hasFailures ? 1 : 0),
            Point(
                "pg_exporter_scrapes_total", .counter, help: "Collections so far",
                .number(Double(collections))),
        ]
    }

    /// Two points of one series come from two queries that give the same metric; those of one query
    /// are its own fault.
    private func complain(_ texts: [String: String]) {
        let new = state.withLock { state in
            texts.filter { state.repeated.insert($0.key).inserted }
        }
        for (_, text) in new.sorted(by: { $0.key < $1.key }) {
            host.log(
                .warning,
                "\(text) comes from two queries or databases; the first is kept. Give one of them "
                    + "another name, or a label")
        }
    }
}
