import Synchronization
import WeirJSON
import WeirPrometheus
import WeirSDK

/// `http_sd_configs`: groups of targets that a server answers with, as JSON.
final class HTTPDiscoverer: Discoverer {
    private static let maxBody = 64 << 20

    private let config: HTTPSDConfig
    private let host: Host
    private let clients: ClientPool
    private let health: DiscoveryHealth
    private let loop: RefreshLoop
    private let groupCount = Mutex(0)

    init(
        _ config: HTTPSDConfig, host: Host, _ clients: ClientPool, _ health: DiscoveryHealth
    ) {
        self.config = config
        self.host = host
        self.clients = clients
        self.health = health
        loop = RefreshLoop(host, every: config.refreshInterval.duration)
    }

    func start(
        _ update: @escaping @Sendable ([TargetGroup]) -> Void
    ) throws(ComponentError) {
        guard let parts = URLParts(config.url) else { return }
        let client = try clients.client(config.client.hostSettings(endpoint: parts.origin))
        loop.start { [weak self] done in
            guard let self else { return done() }
            self.ask(client, parts.path) { groups in
                if let groups, !self.loop.hasEnded { update(groups) }
                done()
            }
        }
    }

    func stop() { loop.stop() }

    private func ask(
        _ client: Client, _ path: String, _ done: @escaping @Sendable ([TargetGroup]?) -> Void
    ) {
        let seconds = config.refreshInterval.seconds
        let headers = [
            Header("accept", "application/json"),
            Header(
                "x-prometheus-refresh-interval-seconds",
                seconds == seconds.rounded() ? "\(Int64(seconds))" : "\(seconds)"),
        ]
        do throws(ComponentError) {
            try client.send(
                "GET", path, headers: headers, .none,
                deadline: host.deadline(in: config.refreshInterval.duration),
                maxBody: HTTPDiscoverer.maxBody, acceptsCompressed: true
            ) { [weak self] reply in
                done(self?.groups(reply))
            }
        } catch {
            fail(error)
            done(nil)
        }
    }

    private func fail(_ error: ComponentError) {
        // The end of this component is no failure of the server.
        if error.kind != .cancelled { health.failed(error.message) }
    }

    private func groups(_ reply: borrowing Reply) -> [TargetGroup]? {
        do throws(ComponentError) {
            let list = try list(reply)
            health.worked()
            let label = Label("__meta_url", config.url)
            let before = groupCount.withLock { count in
                defer { count = list.count }
                return count
            }
            return list.enumerated().map { index, group in
                group.group(source: "\(config.url):\(index)", adding: label)
            }
                + (list.count..<max(before, list.count)).map {
                    TargetGroup(source: "\(config.url):\($0)")
                }
        } catch {
            fail(error)
            return nil
        }
    }

    private func list(_ reply: borrowing Reply) throws(ComponentError) -> [StaticConfig] {
        if let failure = reply.failure { throw failure }
        guard reply.code == 200 else {
            throw .refused("the server answered with status \(reply.code), expected 200")
        }
        let type = reply.contentType.lowercased().filter { $0 != " " && $0 != "\"" }
        guard type == "application/json" || type == "application/json;charset=utf-8" else {
            throw .refused(
                "the server answered with content type \"\(reply.contentType)\", "
                    + "expected application/json")
        }
        let json: JSONValue
        do throws(JSONError) {
            json = try JSONValue(parsing: reply.body)
        } catch {
            throw .refused("the answer is not valid JSON: \(error)")
        }
        return try TargetList.read(json)
    }
}
