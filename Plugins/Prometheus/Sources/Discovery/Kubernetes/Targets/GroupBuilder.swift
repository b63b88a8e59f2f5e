import WeirPrometheus

/// The objects that others refer to.
protocol ObjectLookup {
    func object(_ kind: ResourceKind, _ key: String) -> ClusterObject?
}

/// Makes the targets of one object, with what belongs to it.
struct GroupBuilder {
    let attachesNode: Bool
    let attachesNamespace: Bool
    var names = MetaNames()

    init(_ attach: KubernetesSDConfig.AttachMetadata) {
        attachesNode = attach.node == true
        attachesNamespace = attach.namespace == true
    }

    /// The group of an object; `nil` for a kind that has no targets.
    mutating func group(_ object: ClusterObject, _ all: some ObjectLookup) -> TargetGroup? {
        switch object {
        case .pod(let pod): group(pod, all)
        case .service(let service): group(service, all)
        case .endpoints(let endpoints): group(endpoints, all)
        case .endpointSlice(let slice): group(slice, all)
        case .node(let node): group(node)
        case .ingress(let ingress): group(ingress, all)
        case .namespace: nil
        }
    }

    /// The source of an object's group.
    static func source(_ kind: ResourceKind, _ key: String) -> String {
        switch kind {
        case .pods: "pod/" + key
        case .services: "svc/" + key
        case .endpoints: "endpoints/" + key
        case .endpointslices: "endpointslice/" + key
        case .nodes: "node/" + key
        case .ingresses: "ingress/" + key
        case .namespaces: "namespace/" + key
        }
    }

    /// What the group of an object depends on.
    func references(_ object: ClusterObject) -> [Reference] {
        var references: [Reference] = []
        var nodes: [String] = []
        switch object {
        case .pod(let pod): nodes = [pod.nodeName]
        case .endpoints(let endpoints):
            references.append(Reference(kind: .services, key: endpoints.meta.key))
            for address in endpoints.subsets.flatMap(\.addresses) {
                if let pod = address.target?.podKey {
                    references.append(Reference(kind: .pods, key: pod))
                }
                nodes.append(nodeName(address.nodeName, address.target))
            }
        case .endpointSlice(let slice):
            if let service = slice.serviceKey {
                references.append(Reference(kind: .services, key: service))
            }
            for endpoint in slice.endpoints {
                if let pod = endpoint.target?.podKey {
                    references.append(Reference(kind: .pods, key: pod))
                }
                nodes.append(nodeName(endpoint.nodeName, endpoint.target))
            }
        case .service, .ingress: break
        case .node, .namespace: return []
        }
        if attachesNode {
            references += Set(nodes).filter { !$0.isEmpty }.map {
                Reference(kind: .nodes, key: $0)
            }
        }
        if attachesNamespace {
            references.append(Reference(kind: .namespaces, key: object.meta.namespace))
        }
        return references
    }

    func nodeName(_ name: String, _ target: ObjectReference?) -> String {
        if let target, target.kind == "Node" { return target.name }
        return name
    }

    mutating func appendNode(
        _ name: String, _ all: some ObjectLookup, to labels: inout [Label]
    ) {
        guard attachesNode, !name.isEmpty, case .node(let node) = all.object(.nodes, name) else {
            return
        }
        appendMeta(node.meta, of: "node", to: &labels)
    }

    mutating func appendNamespace(
        _ name: String, _ all: some ObjectLookup, to labels: inout [Label]
    ) {
        guard attachesNamespace, case .namespace(let meta) = all.object(.namespaces, name) else {
            return
        }
        names.append(meta, of: "namespace", to: &labels)
    }

    /// Name, labels and annotations.
    mutating func appendMeta(
        _ meta: ObjectMeta, of resource: String, to labels: inout [Label]
    ) {
        labels.append(Label("__meta_kubernetes_\(resource)_name", meta.name))
        names.append(meta, of: resource, to: &labels)
    }
}

/// An object that another one's targets depend on.
struct Reference: Hashable, Sendable {
    var kind: ResourceKind
    var key: String
}
