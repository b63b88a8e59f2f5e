import WeirSDK

/// One element of one of the `*_sd_configs`; equal ones find the same targets.
enum DiscoverySource: Sendable, Hashable {
    case file(FileSDConfig)
    case http(HTTPSDConfig)
    case dns(DNSSDConfig)
    case docker(DockerSDConfig)
    case kubernetes(KubernetesSDConfig)

    /// The key that it stands under.
    var name: String {
        switch self {
        case .file: "file_sd_configs"
        case .http: "http_sd_configs"
        case .dns: "dns_sd_configs"
        case .docker: "docker_sd_configs"
        case .kubernetes: "kubernetes_sd_configs"
        }
    }

    /// For people: the key, and what tells it from others.
    var title: String {
        switch self {
        case .file(let config): "file_sd (\(config.files.joined(separator: ", ")))"
        case .http(let config): "http_sd (\(URLParts.withoutUser(config.url)))"
        case .dns(let config): "dns_sd (\(config.names.joined(separator: ", ")))"
        case .docker(let config): "docker_sd (\(URLParts.withoutUser(config.host)))"
        case .kubernetes(let config): "kubernetes_sd (\(config.role.rawValue))"
        }
    }

    func discoverer(
        _ host: Host, _ clients: ClientPool, _ cluster: ClusterEnvironment,
        _ health: DiscoveryHealth
    ) throws(ComponentError) -> any Discoverer {
        switch self {
        case .file(let config): FileDiscoverer(config, host: host, health)
        case .http(let config): HTTPDiscoverer(config, host: host, clients, health)
        case .dns(let config): DNSDiscoverer(config, host: host, health)
        case .docker(let config): DockerDiscoverer(config, host: host, clients, health)
        case .kubernetes(let config):
            KubernetesDiscoverer(config, host: host, clients, cluster, health)
        }
    }
}

extension DiscoveryConfig {
    var sources: [DiscoverySource] {
        (fileSDConfigs ?? []).map { .file($0) } + (httpSDConfigs ?? []).map { .http($0) }
            + (dnsSDConfigs ?? []).map { .dns($0) } + (dockerSDConfigs ?? []).map { .docker($0) }
            + (kubernetesSDConfigs ?? []).map { .kubernetes($0) }
    }

    /// The groups of `static_configs`; `nil` if there are none.
    var staticGroups: [TargetGroup]? {
        guard let staticConfigs, !staticConfigs.isEmpty else { return nil }
        return staticConfigs.enumerated().map { $1.group(source: "static_configs/\($0)") }
    }
}
