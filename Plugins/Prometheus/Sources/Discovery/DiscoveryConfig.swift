/// All ways to find targets that a scrape config has: its keys `static_configs`,
/// `file_sd_configs`, `http_sd_configs`, `dns_sd_configs`, `docker_sd_configs` and
/// `kubernetes_sd_configs`, which stand among others.
struct DiscoveryConfig: Decodable, Sendable {
    var staticConfigs: [StaticConfig]?
    var fileSDConfigs: [FileSDConfig]?
    var httpSDConfigs: [HTTPSDConfig]?
    var dnsSDConfigs: [DNSSDConfig]?
    var dockerSDConfigs: [DockerSDConfig]?
    var kubernetesSDConfigs: [KubernetesSDConfig]?

    enum CodingKeys: String, CodingKey {
        case staticConfigs = "static_configs"
        case fileSDConfigs = "file_sd_configs"
        case httpSDConfigs = "http_sd_configs"
        case dnsSDConfigs = "dns_sd_configs"
        case dockerSDConfigs = "docker_sd_configs"
        case kubernetesSDConfigs = "kubernetes_sd_configs"
    }
}
