/// What one collection gave from one server.
struct ServerReport: Sendable {
    struct Result: Sendable {
        var collector: String
        var isSuccess: Bool
        var seconds: Double
    }

    struct Failure: Hashable, Sendable {
        var collector: String
        var reason: String
    }

    var points: [Point] = []
    /// Runs that failed, since the start.
    var failures: [Failure: Int] = [:]
    var results: [Result] = []
    /// Why the server is down; `nil`: it is up.
    var error: PostgresError?
    /// A collector that had no time left.
    var late: String?

    var hasFailures: Bool { error != nil || results.contains { !$0.isSuccess } }

    /// Adds one run; those of the same collector in several databases become one.
    mutating func add(_ collector: String, isSuccess: Bool, seconds: Double) {
        guard let index = results.firstIndex(where: { $0.collector == collector }) else {
            results.append(Result(collector: collector, isSuccess: isSuccess, seconds: seconds))
            return
        }
        results[index].isSuccess = results[index].isSuccess && isSuccess
        results[index].seconds += seconds
    }

    /// The exporter's own metrics about this server.
    func ownPoints(_ labels: [Label]) -> [Point] {
        var points = [
            Point(
                gauge: "pg_up", help: "Whether the server could be asked (1) or not (0)",
                error == nil ? 1 : 0, labels)
        ]
        for result in results {
            let labels = [Label("collector", result.collector)] + labels
            points.append(
                Point(
                    gauge: "pg_scrape_collector_success",
                    help: "Whether the collector succeeded (1) or not (0)",
                    result.isSuccess ? 1 : 0, labels))
            points.append(
                Point(
                    gauge: "pg_scrape_collector_duration_seconds",
                    help: "How long the collector took", result.seconds, labels))
        }
        for (failure, count) in failures {
            points.append(
                Point(
                    "pg_scrape_collector_failures_total", .counter,
                    help: "Runs of the collector that failed, by reason", .number(Double(count)),
                    [Label("collector", failure.collector), Label("reason", failure.reason)]
                        + labels))
        }
        return points
    }
}
