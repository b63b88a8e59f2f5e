import Synchronization
import WeirSDK

/// `kubernetes_sd_configs`: objects of a cluster, followed by list and watch.
final class KubernetesDiscoverer: Discoverer {
    private struct State {
        var board: ClusterBoard
        /// Collections whose first list is not complete.
        var missing: Set<Int> = []
        var watches: [ResourceWatch] = []
        var outlet: Outlet?
    }

    private let config: KubernetesSDConfig
    private let host: Host
    private let clients: ClientPool
    private let cluster: ClusterEnvironment
    private let health: DiscoveryHealth
    private let state: Mutex<State>

    init(
        _ config: KubernetesSDConfig, host: Host, _ clients: ClientPool,
        _ cluster: ClusterEnvironment, _ health: DiscoveryHealth
    ) {
        self.config = config
        self.host = host
        self.clients = clients
        self.cluster = cluster
        self.health = health
        state = Mutex(State(board: ClusterBoard(config.role.resource, config.attachMetadata)))
    }

    func start(
        _ update: @escaping @Sendable ([TargetGroup]) -> Void
    ) throws(ComponentError) {
        let access = try ClusterAccess(config, cluster, host: host)
        let client = try clients.client(access.settings)
        let resources = config.resources(ownNamespace: access.ownNamespace)
        let watches = resources.enumerated().map { index, resource in
            ResourceWatch(resource, client, host: host, health) { [weak self] changes, isWhole in
                self?.apply(changes, of: resource.kind, index, isWhole)
            }
        }
        state.withLock { state in
            state.outlet = Outlet(update)
            state.missing = Set(resources.indices)
            state.watches = watches
        }
        for watch in watches { watch.start() }
    }

    func stop() {
        let (watches, outlet) = state.withLock { state in
            defer { (state.watches, state.outlet) = ([], nil) }
            return (state.watches, state.outlet)
        }
        outlet?.end()
        for watch in watches { watch.stop() }
    }

    private func apply(
        _ changes: [ObjectChange], of kind: ResourceKind, _ index: Int, _ isWhole: Bool
    ) {
        let outlet: Outlet? = state.withLock { state in
            state.board.apply(changes, of: kind)
            let isFirst = isWhole && state.missing.remove(index) != nil
            // Targets without the labels of their services and nodes would be wrong ones.
            guard state.missing.isEmpty, let outlet = state.outlet else { return nil }
            let groups = state.board.takeGroups()
            guard isFirst || !groups.isEmpty else { return nil }
            // Under the lock, so that an older group never overtakes a newer one.
            outlet.push(groups)
            return outlet
        }
        outlet?.flush()
    }
}

extension KubernetesRole {
    /// The objects that become targets.
    var resource: ResourceKind {
        switch self {
        case .pod: .pods
        case .service: .services
        case .endpoints: .endpoints
        case .endpointslice: .endpointslices
        case .node: .nodes
        case .ingress: .ingresses
        }
    }
}

extension KubernetesSDConfig {
    /// What has to be followed for these targets.
    func resources(ownNamespace: String) -> [ResourceWatch.Resource] {
        var names = namespaces.names ?? []
        if !ownNamespace.isEmpty, !names.contains(ownNamespace) { names.append(ownNamespace) }
        if names.isEmpty || role == .node { names = [""] }
        var roles = [role]
        if role == .endpoints || role == .endpointslice { roles += [.service, .pod] }
        var resources = names.flatMap { name in
            roles.map { resource($0.resource, name, selector($0)) }
        }
        if attachMetadata.node == true, role != .node {
            resources.append(resource(.nodes, "", selector(.node)))
        }
        if attachMetadata.namespace == true, role != .node {
            resources.append(resource(.namespaces, "", ""))
        }
        return resources
    }

    private func resource(
        _ kind: ResourceKind, _ namespace: String, _ selector: String
    ) -> ResourceWatch.Resource {
        ResourceWatch.Resource(kind: kind, namespace: namespace, selector: selector)
    }

    private func selector(_ role: KubernetesRole) -> String {
        guard let selector = selectors.first(where: { $0.role == role }) else { return "" }
        return [("labelSelector", selector.label), ("fieldSelector", selector.field)]
            .filter { !$0.1.isEmpty }
            .map { "\($0.0)=\(PercentEncoding.encode($0.1))" }
            .joined(separator: "&")
    }
}
