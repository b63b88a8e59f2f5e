import WeirJSON
import WeirSDK

/// How to reach an API server.
struct ClusterAccess: Sendable {
    var settings: HostSettings
    /// The namespace that this process runs in; empty if it was not asked for.
    var ownNamespace = ""

    init(
        _ config: KubernetesSDConfig, _ cluster: ClusterEnvironment, host: Host
    ) throws(ComponentError) {
        if !config.apiServer.isEmpty {
            settings = config.client.hostSettings(endpoint: config.apiServer)
        } else if !config.kubeconfigFile.isEmpty {
            settings = try Kubeconfig(path: config.kubeconfigFile, host: host).hostSettings
        } else {
            settings = try ClusterAccess.inCluster(cluster)
            if config.namespaces.ownNamespace == true {
                ownNamespace = try ClusterAccess.ownNamespace(cluster)
            }
        }
    }

    private static func inCluster(
        _ cluster: ClusterEnvironment
    ) throws(ComponentError) -> HostSettings {
        guard !cluster.host.isEmpty, !cluster.port.isEmpty else {
            throw .invalid(
                "kubernetes_sd_configs: found neither api_server nor kubeconfig_file, and no "
                    + "KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT as in a cluster; "
                    + "add api_server")
        }
        // The host reads both files again when they change, as tokens do every hour.
        var client = HTTPClientSettings()
        client.authorization = .init(credentialsFile: cluster.serviceAccountDirectory + "/token")
        client.tlsConfig = .init(caFile: cluster.serviceAccountDirectory + "/ca.crt")
        return client.hostSettings(
            endpoint: "https://" + hostAndPort(cluster.host, cluster.port))
    }

    private static func ownNamespace(
        _ cluster: ClusterEnvironment
    ) throws(ComponentError) -> String {
        let text = String(
            decoding: try TargetFile.read(cluster.serviceAccountDirectory + "/namespace"),
            as: UTF8.self)
        let name = String(text.prefix { !$0.isWhitespace })
        guard !name.isEmpty else {
            throw .invalid("\(cluster.serviceAccountDirectory)/namespace is empty")
        }
        return name
    }
}
