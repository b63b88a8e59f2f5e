import Synchronization
import WeirSDK
import WeirTelemetry

/// Delivers over OTLP/gRPC. A delivery is pending until the server's answer comes.
final class GRPCSink: Sink {
    struct Settings: Decodable, Sendable {
        let client: HostSettings

        init(from decoder: any Decoder) throws {
            client = try HostSettings(from: decoder)
        }
    }

    private let settings: HostSettings
    private let http: HTTPClient
    /// By signal, from traces on.
    private let readings: [ReplyReading]
    private let log: SinkLog
    private let client = Mutex<Client?>(nil)

    init(settings: Settings, host: Host) throws(ComponentError) {
        guard let http = host.httpClient else {
            throw .unsupported(
                "this host has no weir.http-client/1, which sends OTLP: use a newer host")
        }
        guard !settings.client.endpoint.isEmpty else {
            throw .invalid("`endpoint` is missing: expected host:port of an OTLP/gRPC server")
        }
        self.settings = settings.client
        self.http = http
        log = SinkLog(host)
        let endpoint = settings.client.printableEndpoint
        readings = Signal.allCases.map { ReplyReading(endpoint: endpoint, signal: $0) }
    }

    func start(deadline: Deadline) throws(ComponentError) {
        let opened = try http.open(settings, .grpc)
        client.withLock { $0 = opened }
    }

    func stop(deadline: Deadline) throws(ComponentError) {
        let opened = client.withLock { client in
            defer { client = nil }
            return client
        }
        opened?.close()
    }

    func deliver(_ batch: Batch, _ delivery: Delivery) -> Outcome {
        guard let client = client.withLock({ $0 }) else {
            return .retry(message: "the sink has been stopped")
        }
        let index = Int(batch.signal.rawValue) - 1
        let reading = readings[index]
        do throws(ComponentError) {
            try client.send(
                "POST", GRPCSink.paths[index], .batch(batch), deadline: delivery.deadline
            ) {
                [log] reply in
                let outcome = reading.outcome(grpc: reply)
                if !reply.wasCancelled { log.note(outcome, endpoint: reading.endpoint) }
                delivery.settle(outcome)
            }
            return .pending
        } catch {
            let outcome = reading.notReached(error)
            log.note(outcome, endpoint: reading.endpoint)
            return outcome
        }
    }

    private static let paths = Signal.allCases.map(\.grpcPath)
}
