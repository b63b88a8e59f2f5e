import WeirPrometheus
import WeirSDK

/// Answers requests for the exposition.
struct MetricsHandler: Sendable {
    static let path = "/metrics"
    /// More points than this are written on a thread of their own, because writing them takes more
    /// than a few milliseconds.
    private static let largeCount = 5_000

    let settings: ExpositionSettings
    let worker: Worker
    let snapshot: @Sendable () -> [ExpositionFamily]

    func answer(_ exchange: Exchange, _ request: borrowing Request) {
        guard request.path == Self.path else {
            exchange.respond(
                Response(
                    code: 404, contentType: "text/plain; charset=utf-8",
                    body: Array("nothing is here; the metrics are at \(Self.path)\n".utf8)))
            return
        }
        let isHead = request.method == "HEAD"
        guard isHead || request.method == "GET" else {
            exchange.respond(Response(code: 405, headers: [Header("allow", "GET, HEAD")]))
            return
        }
        let dialect = ExpositionDialect(
            accept: exchange.header("accept"), openMetrics: settings.enableOpenMetrics)
        guard !isHead else {
            exchange.respond(Response(code: 200, contentType: dialect.contentType))
            return
        }
        let families = snapshot()
        let sendTimestamps = settings.sendTimestamps
        let respond: @Sendable () -> Void = {
            exchange.respond(
                Response(
                    code: 200, contentType: dialect.contentType,
                    body: written(families, dialect, sendTimestamps)))
        }
        let count = families.reduce(0) { $0 + $1.points.count }
        // A worker that has ended leaves the answer to this thread.
        if count <= Self.largeCount || !worker.submit(respond) { respond() }
    }
}

private func written(
    _ families: [ExpositionFamily], _ dialect: ExpositionDialect, _ sendTimestamps: Bool
) -> [UInt8] {
    var writer = ExpositionWriter(
        dialect, names: families.lazy.map(\.family.name), writesTimestamps: sendTimestamps)
    for family in families { writer.write(family) }
    return writer.finish()
}
