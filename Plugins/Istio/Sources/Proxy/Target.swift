import Synchronization
import WeirPrometheus
import WeirSDK

/// One HTTP server that is read in every collection: where it is, and when to try again.
final class Target: Sendable {
    /// Uncompressed; what an Envoy with 60,000 clusters has, without a filter.
    private static let maxBody = 64 << 20

    private struct Attempts {
        var backoff = Backoff()
        var lastFailure = ""
    }

    private let host: Host
    private let settings: HostSettings
    private let client = Mutex<Client?>(nil)
    private let attempts = Mutex(Attempts())

    init(_ settings: HostSettings, _ host: Host) {
        self.settings = settings
        self.host = host
    }

    var printableEndpoint: String { settings.printableEndpoint }

    func open() throws(ComponentError) {
        let opened = try host.httpClient?.open(settings, .http)
        client.withLock { $0 = opened }
    }

    func close() {
        // Closing waits for answers, so not under the lock.
        let open = client.withLock { open in
            defer { open = nil }
            return open
        }
        open?.close()
    }

    /// Asks, unless the last failure is too recent.
    func get(_ path: String, _ deadline: Deadline) throws(ComponentError) -> Answer {
        guard let client = client.withLock({ $0 }) else {
            throw .cancelled("the exporter is not started")
        }
        let now = host.monotonic
        let (wait, failure) = attempts.withLock { ($0.backoff.wait(at: now), $0.lastFailure) }
        if let wait {
            throw .retry(
                after: wait, "\(failure) (next attempt in \(wait.components.seconds + 1) s)")
        }
        do throws(ComponentError) {
            let answer = try client.ask(
                "GET", path, headers: [Header("accept", "text/plain;version=0.0.4, */*;q=0.1")],
                deadline: deadline, maxBody: Target.maxBody, acceptsCompressed: true)
            attempts.withLock { $0.backoff.succeeded() }
            return answer
        } catch {
            guard error.kind != .cancelled else { throw error }
            var error = error
            if error.kind == .refused, error.message.contains(" is larger than ") {
                error.message +=
                    ", which is the most that is read: let it keep or give fewer statistics (the exporter "
                    + "envoy has filter and used_only, Istio has proxyStatsMatcher)"
            }
            let later = host.monotonic
            attempts.withLock { attempts in
                attempts.backoff.failed(at: later)
                attempts.lastFailure = error.message
            }
            throw error
        }
    }

    /// Reads families; `types` are those of families that come without one, `wanted` what the names
    /// begin with of those that somebody will ask for (`nil`: any).
    func families(
        _ path: String, types: [String: MetricType] = [:], wanted: [String]? = nil,
        _ deadline: Deadline
    ) throws(ComponentError) -> ReadExposition {
        let answer = try get(path, deadline)
        let place = "\(printableEndpoint)\(path.prefix { $0 != "?" })"
        guard answer.code == 200 else {
            throw .refused("\(place) answered \(answer.code), expected 200 and metrics")
        }
        do throws(ExpositionError) {
            return try readFamilies(
                answer.body, contentType: answer.contentType, types: types, wanted: wanted)
        } catch {
            throw .refused("\(place) answered with something that is not Prometheus': \(error)")
        }
    }
}
