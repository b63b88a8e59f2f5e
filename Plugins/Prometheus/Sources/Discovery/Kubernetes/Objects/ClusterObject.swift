import WeirJSON
import WeirSDK

/// A kind of objects that is listed and watched.
enum ResourceKind: String, Sendable, Hashable, CaseIterable {
    case pods, services, endpoints, endpointslices, nodes, namespaces, ingresses

    /// The path of the API; `namespace` empty: of the whole cluster.
    func path(namespace: String) -> String {
        let group =
            switch self {
            case .endpointslices: "/apis/discovery.k8s.io/v1"
            case .ingresses: "/apis/networking.k8s.io/v1"
            default: "/api/v1"
            }
        let scope =
            namespace.isEmpty || self == .nodes || self == .namespaces
            ? "" : "/namespaces/" + PercentEncoding.encode(namespace)
        return "\(group)\(scope)/\(rawValue)"
    }
}

/// One object, as far as targets depend on it: equal objects make equal targets.
enum ClusterObject: Sendable, Equatable {
    case pod(Pod)
    case service(Service)
    case endpoints(Endpoints)
    case endpointSlice(EndpointSlice)
    case node(ClusterNode)
    case namespace(ObjectMeta)
    case ingress(Ingress)

    /// Reads the next value of a reader. `version` gets the resource version.
    init(
        _ kind: ResourceKind, _ reader: inout JSONReader, version: inout String
    ) throws(JSONError) {
        switch kind {
        case .pods: self = .pod(try Pod(&reader, version: &version))
        case .services: self = .service(try Service(&reader, version: &version))
        case .endpoints: self = .endpoints(try Endpoints(&reader, version: &version))
        case .endpointslices:
            self = .endpointSlice(try EndpointSlice(&reader, version: &version))
        case .nodes: self = .node(try ClusterNode(&reader, version: &version))
        case .ingresses: self = .ingress(try Ingress(&reader, version: &version))
        case .namespaces:
            var meta = ObjectMeta()
            if try reader.opensObject() {
                while let key = try reader.nextKey() {
                    if key.equals("metadata") {
                        meta = try ObjectMeta(&reader, version: &version)
                    } else {
                        try reader.skipValue()
                    }
                }
            }
            self = .namespace(meta)
        }
    }

    var meta: ObjectMeta {
        switch self {
        case .pod(let object): object.meta
        case .service(let object): object.meta
        case .endpoints(let object): object.meta
        case .endpointSlice(let object): object.meta
        case .node(let object): object.meta
        case .namespace(let meta): meta
        case .ingress(let object): object.meta
        }
    }
}
