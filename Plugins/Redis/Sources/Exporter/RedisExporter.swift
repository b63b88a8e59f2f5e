import Synchronization
package import WeirSDK

/// Collects the metrics of one server over a connection that it keeps.
package final class RedisExporter: Exporter {
    private struct State {
        var connection: RedisConnection?
        var backoff = Backoff()
        var lastError = ""
        var scrapes = 0
        var seconds = 0.0
    }

    private let settings: RedisSettings
    private let host: Host
    private let plan: CollectionPlan
    private let state = Mutex(State())

    package init(settings: RedisSettings, host: Host) throws(ComponentError) {
        if settings.password != nil, settings.passwordFile != nil {
            throw .invalid("password and password_file are both set: expected one of them")
        }
        self.settings = settings
        self.host = host
        plan = try CollectionPlan(settings, host)
    }

    package func stop(deadline: Deadline) throws(ComponentError) {
        state.withLock { $0.connection = nil }
    }

    package func collect(
        into metrics: inout Metrics, deadline: Deadline
    ) throws(ComponentError) {
        metrics.usesPrometheusNames = true
        let began = host.monotonic
        let (kept, wait, lastError) = state.withLock { state in
            state.scrapes += 1
            let wait = state.backoff.wait(at: began)
            // Taken out: a stop meanwhile closes nothing that is in use.
            return (state.connection.take(), wait, state.lastError)
        }
        var samples = Samples()
        var failure: ComponentError?
        if let wait {
            failure = .retry("\(lastError) (next attempt in \(wait.components.seconds + 1) s)")
        } else {
            failure = attempt(kept, &samples, deadline)
        }
        samples.add(.gauge("up", failure == nil ? 1 : 0))
        samples.add(
            .gauge(
                "exporter_last_scrape_error", failure == nil ? 0 : 1,
                // Without the time that is left, which would make it a new series each time.
                ["err": wait != nil ? lastError : failure?.message ?? ""]))
        let seconds = Double(host.monotonic - began) / 1e9
        samples.add(.gauge("exporter_last_scrape_duration_seconds", seconds))
        let (scrapes, sum) = state.withLock { state in
            state.seconds += seconds
            return (state.scrapes, state.seconds)
        }
        samples.add(.counter("exporter_scrapes_total", Double(scrapes)))
        samples.add(
            Sample(
                name: "exporter_scrape_duration_seconds",
                kind: .summary(quantiles: [], values: [], count: UInt64(scrapes)), value: sum,
                labels: []))
        samples.add(.counter("target_scrape_request_errors_total", 0))
        samples.add(
            .gauge(
                "exporter_build_info", 1,
                [
                    "version": plugin.version, "commit_sha": "weir", "build_date": "weir",
                    "golang_version": "none",
                ]))
        samples.write(to: &metrics, namespace: settings.namespace)
        if let failure { throw failure }
    }

    /// One collection, with the connection that is there or a new one.
    private func attempt(
        _ kept: RedisConnection?, _ samples: inout Samples, _ deadline: Deadline
    ) -> ComponentError? {
        do throws(ComponentError) {
            let connection = try collect(kept, &samples, deadline)
            state.withLock { state in
                state.backoff.succeeded()
                state.connection = connection
            }
            return nil
        } catch {
            let now = host.monotonic
            state.withLock { state in
                // Whoever is told to stop is not to blame.
                if error.kind != .cancelled { state.backoff.failed(at: now) }
                state.lastError = error.message
            }
            return error
        }
    }

    private func collect(
        _ kept: RedisConnection?, _ samples: inout Samples, _ deadline: Deadline
    ) throws(ComponentError) -> RedisConnection {
        if let kept {
            // A server that was restarted, or closes what is idle, is no failure: there is a new
            // connection in the same collection.
            kept.deadline = deadline
            if let reply = try? kept.send(["PING"]), reply.error == nil {
                samples.add(.gauge("exporter_last_scrape_connect_time_seconds", 0))
                try plan.run(kept, &samples, deadline)
                return kept
            }
        }
        let began = host.monotonic
        let limit = host.deadline(in: settings.connectionTimeout)
        let soonest =
            deadline == .none || limit.monotonicNanoseconds < deadline.monotonicNanoseconds
            ? limit : deadline
        let connection = try plan.open(nil, soonest)
        let seconds = Double(host.monotonic - began) / 1e9
        samples.add(.gauge("exporter_last_scrape_connect_time_seconds", seconds))
        try plan.run(connection, &samples, deadline)
        return connection
    }
}
