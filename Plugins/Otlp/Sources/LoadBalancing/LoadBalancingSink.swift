import Synchronization
import WeirSDK
import WeirTelemetry

/// What all deliveries of one sink share.
struct Balancer: Sendable {
    let host: Host
    let status: HealthReport?
    let backends: Backends
    let partial = PartialDeliveries()
    /// For one part at one backend; `nil`: as long as the delivery has.
    let timeout: Duration?
    /// For the routing key `attributes`.
    let attributes: [String]
}

/// Spreads telemetry over several OTLP servers, so that what belongs together goes to the same one.
final class LoadBalancingSink: Sink {
    typealias Settings = LoadBalancingSettings

    private let settings: LoadBalancingSettings
    private let balancer: Balancer
    /// `host:port`; empty where a name is looked up.
    private let names: [String]
    private let resolver: DNSBackends?

    init(settings: LoadBalancingSettings, host: Host) throws(ComponentError) {
        guard let http = host.httpClient else {
            throw .unsupported(
                "this host has no weir.http-client/1, which sends OTLP: use a newer host")
        }
        try settings.check { host.log(.warning, $0) }
        self.settings = settings
        let backends = Backends(settings.backends, http, host)
        balancer = Balancer(
            host: host, status: host.status, backends: backends,
            timeout: settings.backends.timeout, attributes: settings.routingAttributes)
        switch try settings.resolver() {
        case .fixed(let list):
            names = list.map(settings.backends.withPort)
            resolver = nil
        case .dns(let name):
            names = []
            guard let dns = host.dns else {
                throw .unsupported(
                    "this host has no weir.dns/1, which resolver.dns needs: use resolver.static")
            }
            resolver = DNSBackends(
                name, defaultPort: settings.backends.defaultPort, dns, host, backends)
        }
    }

    func start(deadline: Deadline) throws(ComponentError) {
        try balancer.backends.update(names)
        try resolver?.start()
    }

    func stop(deadline: Deadline) throws(ComponentError) {
        resolver?.stop()
        balancer.backends.stop()
    }

    func deliver(_ batch: Batch, _ delivery: Delivery) -> Outcome {
        let key = settings.routingKey ?? RoutingKey.standard(batch.signal)
        if let fault = key.fault(batch.signal) { return .refused(message: fault) }
        guard !balancer.backends.isStopped else {
            return .retry(message: "the sink has been stopped")
        }
        Shipment(batch, delivery, key, balancer).begin()
        return .pending
    }
}
