import WeirPrometheus

extension GroupBuilder {
    mutating func group(_ pod: Pod, _ all: some ObjectLookup) -> TargetGroup {
        let source = GroupBuilder.source(.pods, pod.meta.key)
        // It has no address while it starts, and none after it was evicted.
        if pod.ip.isEmpty { return TargetGroup(source: source) }
        // Selectors of nodes leave out the pods of all others.
        if attachesNode, all.object(.nodes, pod.nodeName) == nil {
            return TargetGroup(source: source)
        }
        var labels = podLabels(pod)
        labels.append(Label("__meta_kubernetes_namespace", pod.meta.namespace))
        appendNode(pod.nodeName, all, to: &labels)
        appendNamespace(pod.meta.namespace, all, to: &labels)
        var targets: [Labels] = []
        for container in pod.containers {
            var common = containerLabels(container)
            common.append(Label("__meta_kubernetes_pod_container_id", pod.id(of: container)))
            if container.ports.isEmpty {
                // A rule has to add the port.
                targets.append(Labels(common + [Label("__address__", pod.ip)]))
            }
            for port in container.ports {
                let address = Label("__address__", hostAndPort(pod.ip, port.number))
                targets.append(
                    Labels(common + portLabels(port, protocol: port.protocol) + [address]))
            }
        }
        return TargetGroup(source: source, targets: targets, labels: Labels(labels))
    }

    mutating func podLabels(_ pod: Pod) -> [Label] {
        var labels = [
            Label("__meta_kubernetes_pod_ip", pod.ip),
            Label("__meta_kubernetes_pod_ready", pod.ready),
            Label("__meta_kubernetes_pod_phase", pod.phase),
            Label("__meta_kubernetes_pod_node_name", pod.nodeName),
            Label("__meta_kubernetes_pod_host_ip", pod.hostIP),
            Label("__meta_kubernetes_pod_uid", pod.meta.uid),
            Label("__meta_kubernetes_pod_controller_kind", pod.meta.controllerKind),
            Label("__meta_kubernetes_pod_controller_name", pod.meta.controllerName),
        ]
        appendMeta(pod.meta, of: "pod", to: &labels)
        return labels
    }

    func containerLabels(_ container: Pod.Container) -> [Label] {
        [
            Label("__meta_kubernetes_pod_container_name", container.name),
            Label("__meta_kubernetes_pod_container_image", container.image),
            Label("__meta_kubernetes_pod_container_init", container.isInit ? "true" : "false"),
        ]
    }

    func portLabels(_ port: ObjectPort, protocol: String) -> [Label] {
        [
            Label("__meta_kubernetes_pod_container_port_name", port.name),
            Label("__meta_kubernetes_pod_container_port_number", String(port.number)),
            Label("__meta_kubernetes_pod_container_port_protocol", `protocol`),
        ]
    }

    /// The container's labels for a port that an endpoint has, too; of several containers with
    /// that port the last counts.
    func containerLabels(
        of pod: Pod, port number: Int64, protocol: (ObjectPort) -> String
    ) -> [Label] {
        for container in pod.containers.reversed() {
            if let port = container.ports.first(where: { $0.number == number }) {
                return containerLabels(container) + portLabels(port, protocol: `protocol`(port))
            }
        }
        return []
    }

    /// Targets for the ports of a pod that no endpoint has.
    mutating func otherTargets(of pod: Pod, seen: Set<Int64>) -> [Labels] {
        if pod.ip.isEmpty { return [] }
        var targets: [Labels] = []
        for container in pod.containers {
            for port in container.ports where !seen.contains(port.number) {
                targets.append(
                    Labels(
                        containerLabels(container) + portLabels(port, protocol: port.protocol)
                            + [Label("__address__", hostAndPort(pod.ip, port.number))]
                            + podLabels(pod)))
            }
        }
        return targets
    }
}
