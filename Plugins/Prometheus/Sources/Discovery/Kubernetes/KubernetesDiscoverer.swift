import WeirSDK

final class KubernetesDiscoverer: Discoverer {
    init(
        _ config: KubernetesSDConfig, host: Host, _ clients: ClientPool,
        _ cluster: ClusterEnvironment, _ health: DiscoveryHealth
    ) {}
    func start(_ update: @escaping @Sendable ([TargetGroup]) -> Void) throws(ComponentError) {}
    func stop() {}
}
