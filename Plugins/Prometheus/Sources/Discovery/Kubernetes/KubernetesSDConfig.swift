/// What of a cluster becomes targets.
enum KubernetesRole: String, Sendable, Hashable, CaseIterable {
    case pod, service, endpoints, endpointslice, node, ingress
}

/// An element of `kubernetes_sd_configs`.
struct KubernetesSDConfig: Decodable, Sendable, Hashable {
    struct Namespaces: Decodable, Sendable, Hashable {
        var names: [String]?
        var ownNamespace: Bool?
    }

    struct Selector: Decodable, Sendable, Hashable {
        var role: String
        var label: String?
        var field: String?
    }

    struct AttachMetadata: Decodable, Sendable, Hashable {
        var node: Bool?
        var namespace: Bool?
    }

    /// Empty: in-cluster, or that of the kubeconfig file.
    var apiServer: String
    var role: KubernetesRole
    var kubeconfigFile: String
    var namespaces: Namespaces
    var selectors: [Selector]
    var attachMetadata: AttachMetadata
    var client: HTTPClientSettings

    enum CodingKeys: String, CodingKey {
        case role, namespaces, selectors
        case apiServer = "api_server"
        case kubeconfigFile = "kubeconfig_file"
        case attachMetadata = "attach_metadata"
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        apiServer = try container.value(.apiServer, or: "")
        let name = try container.value(.role, or: "")
        role = KubernetesRole(rawValue: name) ?? .pod
        kubeconfigFile = try container.value(.kubeconfigFile, or: "")
        namespaces = try container.value(.namespaces, or: Namespaces())
        selectors = try container.value(.selectors, or: [])
        attachMetadata = try container.value(.attachMetadata, or: AttachMetadata())
        client = try HTTPClientSettings(from: decoder)
    }
}
