import WeirPrometheus

extension GroupBuilder {
    mutating func group(_ service: Service, _ all: some ObjectLookup) -> TargetGroup {
        var labels = serviceLabels(service)
        appendNamespace(service.meta.namespace, all, to: &labels)
        let host = "\(service.meta.name).\(service.meta.namespace).svc"
        var common = [Label("__meta_kubernetes_service_type", service.type)]
        if service.type == "ExternalName" {
            common.append(Label("__meta_kubernetes_service_external_name", service.externalName))
        } else {
            common.append(Label("__meta_kubernetes_service_cluster_ip", service.clusterIP))
        }
        if service.type == "LoadBalancer" {
            common.append(
                Label("__meta_kubernetes_service_loadbalancer_ip", service.loadBalancerIPs))
        }
        return TargetGroup(
            source: GroupBuilder.source(.services, service.meta.key),
            targets: service.ports.map { port in
                Labels(
                    common + [
                        Label("__address__", hostAndPort(host, port.number)),
                        Label("__meta_kubernetes_service_port_name", port.name),
                        Label("__meta_kubernetes_service_port_number", String(port.number)),
                        Label("__meta_kubernetes_service_port_protocol", port.protocol),
                    ])
            }, labels: Labels(labels))
    }

    /// Namespace, name, labels and annotations.
    mutating func serviceLabels(_ service: Service) -> [Label] {
        var labels = [Label("__meta_kubernetes_namespace", service.meta.namespace)]
        appendMeta(service.meta, of: "service", to: &labels)
        return labels
    }

    /// Those of a service, if it is known.
    mutating func appendService(
        _ key: String?, _ all: some ObjectLookup, to labels: inout [Label]
    ) -> Service? {
        guard let key, case .service(let service) = all.object(.services, key) else { return nil }
        labels += serviceLabels(service)
        return service
    }

    mutating func group(_ ingress: Ingress, _ all: some ObjectLookup) -> TargetGroup {
        var labels = [
            Label("__meta_kubernetes_namespace", ingress.meta.namespace),
            Label("__meta_kubernetes_ingress_class_name", ingress.className),
        ]
        appendMeta(ingress.meta, of: "ingress", to: &labels)
        appendNamespace(ingress.meta.namespace, all, to: &labels)
        let targets = ingress.rules.flatMap { rule in
            (rule.paths ?? ["/"]).map { path in
                Labels([
                    Label("__address__", rule.host),
                    Label("__meta_kubernetes_ingress_host", rule.host),
                    Label(
                        "__meta_kubernetes_ingress_scheme",
                        ingress.hasTLS(rule.host) ? "https" : "http"),
                    Label("__meta_kubernetes_ingress_path", path.isEmpty ? "/" : path),
                ])
            }
        }
        return TargetGroup(
            source: GroupBuilder.source(.ingresses, ingress.meta.key), targets: targets,
            labels: Labels(labels))
    }

    mutating func group(_ node: ClusterNode) -> TargetGroup {
        let source = GroupBuilder.source(.nodes, node.meta.key)
        guard let address = node.address else { return TargetGroup(source: source) }
        var labels = [Label("__meta_kubernetes_node_provider_id", node.providerID)]
        for condition in node.conditions {
            labels.append(
                Label(
                    "__meta_kubernetes_node_condition_" + sanitized(condition.name.lowercased()),
                    condition.value.lowercased()))
        }
        appendMeta(node.meta, of: "node", to: &labels)
        var target = Labels([
            Label("__address__", hostAndPort(address, node.kubeletPort)),
            Label("instance", node.meta.name),
        ])
        for address in node.addresses {
            // Of several addresses of a type the first counts.
            let name = "__meta_kubernetes_node_address_" + sanitized(address.name)
            if target[name].isEmpty { target[name] = address.value }
        }
        return TargetGroup(source: source, targets: [target], labels: Labels(labels))
    }
}
