import Synchronization
import WeirSDK
import WeirTelemetry

/// One server among which telemetry is spread.
final class Backend: Sendable {
    /// How one part fared.
    enum Result: Sendable {
        case ended(Outcome)
        /// The host is stopping: nothing is wrong with the backend.
        case cancelled(String)
    }

    /// `host:port`, as in the resolver's list with the port added: for messages and for the ring.
    let name: String
    private let protocols: Protocols
    private let client: Client
    private let readings: [ReplyReading]
    let outage: OutageLog
    private let health = Mutex(BackendHealth())
    private let underWay = Atomic<Int>(0)

    init(
        _ name: String, _ settings: BackendSettings, _ http: HTTPClient, _ host: Host
    ) throws(ComponentError) {
        self.name = name
        outage = OutageLog(host)
        protocols = settings.protocols
        client = try http.open(settings.client(for: name), settings.protocols)
        readings = Signal.allCases.map { ReplyReading(endpoint: name, signal: $0) }
    }

    /// Whether anything is on its way to it.
    var isIdle: Bool { underWay.load(ordering: .acquiring) == 0 }

    func close() { client.close() }

    func withHealth<R>(_ body: (inout sending BackendHealth) -> sending R) -> R {
        health.withLock(body)
    }

    /// Sends one part. `ended` is called exactly once, on any thread, possibly before this returns.
    func send(
        _ batch: Batch, deadline: Deadline, _ ended: @escaping @Sendable (Result) -> Void
    ) {
        let signal = batch.signal
        let reading = readings[Int(signal.rawValue) - 1]
        let isGRPC = protocols == .grpc
        underWay.add(1, ordering: .relaxed)
        health.withLock { $0.began() }
        do throws(ComponentError) {
            try client.send(
                "POST", isGRPC ? signal.grpcPath : signal.httpPath,
                headers: isGRPC ? [] : Backend.headers, .batch(batch), deadline: deadline
            ) { [self] reply in
                let outcome =
                    isGRPC
                    ? reading.outcome(grpc: reply) : reading.outcome(http: reply, sent: .proto)
                end(outcome, isCancelled: reply.wasCancelled, ended)
            }
        } catch {
            end(reading.notReached(error), isCancelled: error.kind == .cancelled, ended)
        }
    }

    private func end(
        _ outcome: Outcome, isCancelled: Bool, _ ended: @Sendable (Result) -> Void
    ) {
        if isCancelled, case .retry(_, let message) = outcome {
            health.withLock { $0.gaveUp() }
            ended(.cancelled(message))
        } else {
            ended(.ended(outcome))
        }
        underWay.subtract(1, ordering: .releasing)
    }

    private static let headers = [Header("content-type", Encoding.proto.contentType)]
}

/// The backends at one moment and the ring that they make.
final class Membership: Sendable {
    /// Sorted by name.
    let backends: [Backend]
    let ring: HashRing

    init(_ backends: [Backend]) {
        self.backends = backends.sorted { $0.name < $1.name }
        ring = HashRing(self.backends.map(\.name))
    }
}
