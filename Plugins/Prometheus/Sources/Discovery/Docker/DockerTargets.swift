import WeirPrometheus

/// Makes targets of containers: one for each port and network.
struct DockerTargets {
    private static let prefix = "__meta_docker_"

    let config: DockerSDConfig
    private let networkLabels: [String: [Label]]

    init(_ config: DockerSDConfig, networks: [DockerNetwork]) {
        self.config = config
        networkLabels = Dictionary(
            networks.map { ($0.id, DockerTargets.labels(of: $0)) },
            uniquingKeysWith: { $1 })
    }

    func group(_ containers: [DockerContainer]) -> TargetGroup {
        let byID = Dictionary(containers.map { ($0.id, $0) }, uniquingKeysWith: { $1 })
        return TargetGroup(
            source: "Docker", targets: containers.flatMap { targets(of: $0, byID) })
    }

    private func targets(
        of container: DockerContainer, _ all: [String: DockerContainer]
    ) -> [Labels] {
        var networks = networks(of: container, all)
        if config.matchFirstNetwork { networks = Array(networks.prefix(1)) }
        let common = commonLabels(container)
        return networks.flatMap { network in
            var base = Labels(common + (networkLabels[network.id] ?? []))
            base[DockerTargets.prefix + "network_ip"] = network.ip
            let ports = container.ports.filter { $0.type == "tcp" }
            if ports.isEmpty {
                base["__address__"] =
                    container.networkMode == "host"
                    ? config.hostNetworkingHost : hostAndPort(network.ip, config.port)
                return [base]
            }
            return ports.map { port in
                var labels = base
                labels["__address__"] = hostAndPort(network.ip, port.privatePort)
                labels[DockerTargets.prefix + "port_private"] = String(port.privatePort)
                if port.publicPort > 0 {
                    labels[DockerTargets.prefix + "port_public"] = String(port.publicPort)
                    labels[DockerTargets.prefix + "port_public_ip"] = port.ip
                }
                return labels
            }
        }
    }

    /// Its own networks, or those of the container whose network it shares.
    private func networks(
        of container: DockerContainer, _ all: [String: DockerContainer]
    ) -> [DockerContainer.Network] {
        var current = container
        // A ring of containers, which cannot be but on paper, ends, too.
        for _ in 0...all.count {
            guard current.networks.isEmpty, current.networkMode.hasPrefix("container:"),
                let next = all[String(current.networkMode.dropFirst("container:".count))]
            else { break }
            current = next
        }
        return current.networks
    }

    private func commonLabels(_ container: DockerContainer) -> [Label] {
        let prefix = DockerTargets.prefix + "container_"
        return [
            Label(prefix + "id", container.id),
            Label(prefix + "name", container.name),
            Label(prefix + "network_mode", container.networkMode),
            Label(prefix + "image", container.image),
            Label(prefix + "image_id", container.imageID),
        ] + container.labels.map { Label(prefix + "label_" + sanitized($0.name), $0.value) }
    }

    private static func labels(of network: DockerNetwork) -> [Label] {
        let prefix = prefix + "network_"
        return [
            Label(prefix + "id", network.id),
            Label(prefix + "name", network.name),
            Label(prefix + "scope", network.scope),
            Label(prefix + "internal", "\(network.isInternal)"),
            Label(prefix + "ingress", "\(network.isIngress)"),
        ] + network.labels.map { Label(prefix + "label_" + sanitized($0.name), $0.value) }
    }
}
