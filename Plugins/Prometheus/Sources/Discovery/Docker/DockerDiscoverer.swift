import WeirJSON
import WeirPrometheus
import WeirSDK

/// `docker_sd_configs`: the containers that a Docker daemon runs.
final class DockerDiscoverer: Discoverer {
    private static let maxBody = 64 << 20

    private let config: DockerSDConfig
    private let host: Host
    private let clients: ClientPool
    private let health: DiscoveryHealth
    private let loop: RefreshLoop

    init(
        _ config: DockerSDConfig, host: Host, _ clients: ClientPool, _ health: DiscoveryHealth
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
        let client = try clients.client(
            config.client.hostSettings(endpoint: config.endpoint ?? config.host))
        loop.start { [weak self] done in
            guard let self else { return done() }
            self.look(client) { result in
                switch result {
                case .success(let group):
                    self.health.worked()
                    if !self.loop.hasEnded { update([group]) }
                case .failure(let error) where error.kind != .cancelled:
                    self.health.failed(error.message)
                case .failure: break
                }
                done()
            }
        }
    }

    func stop() { loop.stop() }

    private func look(
        _ client: Client,
        _ done: @escaping @Sendable (Result<TargetGroup, ComponentError>) -> Void
    ) {
        let config = config
        ask(client, "/containers/json" + DockerDiscoverer.query(config.filters)) { containers in
            guard case .success(let containers) = containers else {
                return done(containers.map { _ in TargetGroup(source: "") })
            }
            self.ask(client, "/networks") { networks in
                done(
                    networks.map { networks in
                        DockerTargets(config, networks: networks.compactMap(DockerNetwork.init))
                            .group(containers.compactMap(DockerContainer.init))
                    })
            }
        }
    }

    /// Gets a list.
    private func ask(
        _ client: Client, _ path: String,
        _ done: @escaping @Sendable (Result<[JSONValue], ComponentError>) -> Void
    ) {
        do throws(ComponentError) {
            try client.send(
                "GET", path, .none,
                deadline: host.deadline(in: min(config.refreshInterval.duration, .seconds(60))),
                maxBody: DockerDiscoverer.maxBody
            ) { reply in
                done(DockerDiscoverer.list(reply, path))
            }
        } catch {
            done(.failure(error))
        }
    }

    private static func list(
        _ reply: borrowing Reply, _ path: String
    ) -> Result<[JSONValue], ComponentError> {
        if let failure = reply.failure { return .failure(failure) }
        guard let json = try? JSONValue(parsing: reply.body) else {
            return .failure(.refused("the answer to \(path) is not JSON"))
        }
        guard reply.code == 200, let list = json.arrayValue else {
            let reason = json["message"]?.stringValue ?? "no list of objects"
            return .failure(
                .refused("the answer to \(path) has status \(reply.code): \(reason)"))
        }
        return .success(list)
    }

    /// `?filters=` and the filters as JSON: values of one name are alternatives.
    static func query(_ filters: [DockerSDConfig.Filter]) -> String {
        if filters.isEmpty { return "" }
        var members: [JSONMember] = []
        for filter in filters {
            let values = filter.values.map { JSONValue.string($0) }
            if let index = members.firstIndex(where: { $0.key == filter.name }),
                case .array(let before) = members[index].value
            {
                members[index].value = .array(before + values)
            } else {
                members.append(JSONMember(filter.name, .array(values)))
            }
        }
        return "?filters=" + PercentEncoding.encode(JSONValue.object(members).serialized())
    }
}
