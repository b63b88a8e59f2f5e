/// What of a cluster becomes targets.
enum KubernetesRole: String, Sendable, Hashable, CaseIterable {
    case pod, service, endpoints, endpointslice, node, ingress

    /// The roles that selectors may name beside this one.
    var selectable: [KubernetesRole] {
        switch self {
        case .pod: [.pod, .node]
        case .endpoints: [.pod, .service, .endpoints]
        case .endpointslice: [.pod, .service, .endpointslice]
        case .service, .node, .ingress: [self]
        }
    }
}

/// An element of `kubernetes_sd_configs`.
struct KubernetesSDConfig: Decodable, Sendable, Hashable {
    struct Namespaces: Decodable, Sendable, Hashable {
        var names: [String]?
        var ownNamespace: Bool?
    }

    /// Narrows down what the API server lists.
    struct Selector: Decodable, Sendable, Hashable {
        var role: KubernetesRole
        /// `app=web,tier!=db`
        var label: String
        /// `spec.nodeName=n1`
        var field: String

        enum CodingKeys: String, CodingKey { case role, label, field }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            role = try container.role(.role, decoder)
            label = try container.value(.label, or: "")
            field = try container.value(.field, or: "")
        }
    }

    /// Labels of these objects go to the targets that lie on or in them.
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
        case role, namespaces, selectors, apiServer, kubeconfigFile, attachMetadata
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        apiServer = try container.value(.apiServer, or: "")
        role = try container.role(.role, decoder)
        kubeconfigFile = try container.value(.kubeconfigFile, or: "")
        namespaces = try container.value(.namespaces, or: Namespaces())
        selectors = try container.value(.selectors, or: [])
        attachMetadata = try container.value(.attachMetadata, or: AttachMetadata())
        client = try HTTPClientSettings(from: decoder)
        if let fault { throw decoder.refusal(fault.message, at: [fault.key]) }
    }

    /// What contradicts itself, as Prometheus sees it.
    private var fault: (key: CodingKeys, message: String)? {
        let ownNamespace = namespaces.ownNamespace == true
        if !apiServer.isEmpty {
            guard let parts = URLParts(apiServer), parts.isHTTP else {
                return (
                    .apiServer,
                    "found \"\(URLParts.withoutUser(apiServer))\", expected https://host:port"
                )
            }
            if !kubeconfigFile.isEmpty {
                return (.kubeconfigFile, "found together with api_server, expected one of them")
            }
            if ownNamespace {
                return (
                    .namespaces, "own_namespace is known in a cluster only, remove api_server or it"
                )
            }
        } else if !client.isDefault {
            return (
                .apiServer,
                "found settings of an HTTP client, which need api_server; "
                    + "in a cluster the service account says all of it"
            )
        }
        if !kubeconfigFile.isEmpty && ownNamespace {
            return (.namespaces, "own_namespace is known in a cluster only, name it in names")
        }
        for (index, selector) in selectors.enumerated() {
            if !role.selectable.contains(selector.role) {
                let all = role.selectable.map(\.rawValue).joined(separator: ", ")
                return (
                    .selectors,
                    "found one for \(selector.role.rawValue), "
                        + "the role \(role.rawValue) takes them for \(all)"
                )
            }
            if selectors[..<index].contains(where: { $0.role == selector.role }) {
                return (.selectors, "found two for \(selector.role.rawValue), expected one")
            }
        }
        return nil
    }
}

extension KeyedDecodingContainer {
    fileprivate func role(_ key: Key, _ decoder: any Decoder) throws -> KubernetesRole {
        let name = try value(key, or: "")
        guard let role = KubernetesRole(rawValue: name) else {
            let all = KubernetesRole.allCases.map(\.rawValue).joined(separator: ", ")
            throw decoder.refusal(
                name.isEmpty
                    ? "found no role, expected one of \(all)"
                    : "found \"\(name)\", expected one of \(all)", at: [key])
        }
        return role
    }
}
