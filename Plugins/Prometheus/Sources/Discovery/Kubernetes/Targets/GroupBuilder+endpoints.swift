import WeirPrometheus

/// The pods behind endpoints, in the order in which they were met, and the ports that were seen.
private struct SeenPods {
    private var ports: [String: Set<Int64>] = [:]
    private(set) var pods: [Pod] = []

    mutating func add(_ pod: Pod, _ port: Int64?) {
        let key = pod.meta.key
        if ports[key] == nil {
            ports[key] = []
            pods.append(pod)
        }
        if let port { ports[key]?.insert(port) }
    }

    func ports(of pod: Pod) -> Set<Int64> { ports[pod.meta.key] ?? [] }
}

private let endpointReference = (
    kind: "__meta_kubernetes_endpoint_address_target_kind",
    name: "__meta_kubernetes_endpoint_address_target_name"
)
private let sliceReference = (
    kind: "__meta_kubernetes_endpointslice_address_target_kind",
    name: "__meta_kubernetes_endpointslice_address_target_name"
)

extension GroupBuilder {
    mutating func group(_ endpoints: Endpoints, _ all: some ObjectLookup) -> TargetGroup {
        var labels = [Label("__meta_kubernetes_namespace", endpoints.meta.namespace)]
        _ = appendService(endpoints.meta.key, all, to: &labels)
        appendMeta(endpoints.meta, of: "endpoints", to: &labels)
        appendNamespace(endpoints.meta.namespace, all, to: &labels)
        var group = TargetGroup(
            source: GroupBuilder.source(.endpoints, endpoints.meta.key), labels: Labels(labels))
        var seen = SeenPods()
        for subset in endpoints.subsets {
            for port in subset.ports {
                for address in subset.addresses {
                    var target = [
                        Label("__address__", hostAndPort(address.ip, port.number)),
                        Label("__meta_kubernetes_endpoint_port_name", port.name),
                        Label("__meta_kubernetes_endpoint_port_protocol", port.protocol),
                        Label(
                            "__meta_kubernetes_endpoint_ready", address.isReady ? "true" : "false"),
                        Label("__meta_kubernetes_endpoint_node_name", address.nodeName),
                        Label("__meta_kubernetes_endpoint_hostname", address.hostname),
                    ]
                    appendReference(address.target, endpointReference, to: &target)
                    appendNode(nodeName(address.nodeName, address.target), all, to: &target)
                    if let pod = pod(address.target, all) {
                        seen.add(pod, port.number)
                        target += podLabels(pod)
                        target += containerLabels(of: pod, port: port.number) { _ in port.protocol }
                    }
                    group.targets.append(Labels(target))
                }
            }
        }
        for pod in seen.pods {
            group.targets += otherTargets(of: pod, seen: seen.ports(of: pod))
        }
        return group
    }

    mutating func group(_ slice: EndpointSlice, _ all: some ObjectLookup) -> TargetGroup {
        var labels = [
            Label("__meta_kubernetes_namespace", slice.meta.namespace),
            Label("__meta_kubernetes_endpointslice_address_type", slice.addressType),
        ]
        appendMeta(slice.meta, of: "endpointslice", to: &labels)
        let service = appendService(slice.serviceKey, all, to: &labels)
        appendNamespace(slice.meta.namespace, all, to: &labels)
        var group = TargetGroup(
            source: GroupBuilder.source(.endpointslices, slice.meta.key), labels: Labels(labels))
        // The same pods would come twice, once with each of their addresses.
        if let service, service.isSecondary(slice.addressType) { return group }
        var seen = SeenPods()
        for endpoint in slice.endpoints {
            for port in slice.ports {
                for address in endpoint.addresses {
                    var target = sliceLabels(address, endpoint, port)
                    appendNode(nodeName(endpoint.nodeName, endpoint.target), all, to: &target)
                    if let pod = pod(endpoint.target, all) {
                        seen.add(pod, port.number)
                        target += podLabels(pod)
                        if let number = port.number {
                            target += containerLabels(of: pod, port: number) { $0.protocol }
                        }
                    }
                    group.targets.append(Labels(target))
                }
            }
        }
        for pod in seen.pods {
            group.targets += otherTargets(of: pod, seen: seen.ports(of: pod))
        }
        return group
    }

    private func sliceLabels(
        _ address: String, _ endpoint: EndpointSlice.Endpoint, _ port: EndpointSlice.Port
    ) -> [Label] {
        var labels = [
            Label("__address__", port.number.map { hostAndPort(address, $0) } ?? address),
            Label("__meta_kubernetes_endpointslice_port_name", port.name),
            Label("__meta_kubernetes_endpointslice_port_protocol", port.protocol),
            Label("__meta_kubernetes_endpointslice_port", port.number.map(String.init) ?? ""),
            Label("__meta_kubernetes_endpointslice_port_app_protocol", port.appProtocol),
            Label("__meta_kubernetes_endpointslice_endpoint_conditions_ready", endpoint.ready),
            Label("__meta_kubernetes_endpointslice_endpoint_conditions_serving", endpoint.serving),
            Label(
                "__meta_kubernetes_endpointslice_endpoint_conditions_terminating",
                endpoint.terminating),
            Label("__meta_kubernetes_endpointslice_endpoint_hostname", endpoint.hostname),
            Label("__meta_kubernetes_endpointslice_endpoint_node_name", endpoint.nodeName),
            Label("__meta_kubernetes_endpointslice_endpoint_zone", endpoint.zone),
        ]
        appendReference(endpoint.target, sliceReference, to: &labels)
        for topology in endpoint.topology {
            let name = sanitized(topology.name)
            labels.append(
                Label("__meta_kubernetes_endpointslice_endpoint_topology_" + name, topology.value))
            labels.append(
                Label("__meta_kubernetes_endpointslice_endpoint_topology_present_" + name, "true"))
        }
        return labels
    }

    private func appendReference(
        _ target: ObjectReference?, _ names: (kind: String, name: String),
        to labels: inout [Label]
    ) {
        guard let target else { return }
        labels.append(Label(names.kind, target.kind))
        labels.append(Label(names.name, target.name))
    }

    private func pod(_ target: ObjectReference?, _ all: some ObjectLookup) -> Pod? {
        guard let key = target?.podKey, case .pod(let pod) = all.object(.pods, key) else {
            return nil
        }
        return pod
    }
}

extension Service {
    /// Whether addresses of this type are the second family of a service that has two.
    fileprivate func isSecondary(_ addressType: String) -> Bool {
        guard ipFamilyPolicy == "PreferDualStack" || ipFamilyPolicy == "RequireDualStack",
            let first = ipFamilies.first
        else { return false }
        return first != addressType
    }
}
