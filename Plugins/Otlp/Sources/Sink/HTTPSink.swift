import Synchronization
import WeirSDK
import WeirTelemetry

/// Delivers over OTLP/HTTP, in protobuf or JSON. A delivery is pending until the answer comes.
final class HTTPSink: Sink {
    /// Where one signal goes.
    private struct Target: Sendable {
        var client: Client
        var path: String
        var reading: ReplyReading
    }

    private let settings: HTTPSinkSettings
    private let host: Host
    private let http: HTTPClient
    private let log: SinkLog
    /// By signal, from traces on; empty before start and after stop.
    private let targets = Mutex<[Target?]>([])

    init(settings: HTTPSinkSettings, host: Host) throws(ComponentError) {
        guard let http = host.httpClient else {
            throw .unsupported(
                "this host has no weir.http-client/1, which sends OTLP: use a newer host")
        }
        guard Signal.allCases.contains(where: { settings.target(of: $0) != nil }) else {
            throw .invalid(
                "there is no endpoint: set `endpoint` to http://host:port, or one of "
                    + "`traces_endpoint`, `metrics_endpoint`, `logs_endpoint` to a whole URL")
        }
        if let signal = settings.doubledPath {
            host.log(
                .warning,
                "`endpoint` ends in \(signal.httpPath), and the signal's path is appended to it: "
                    + "leave it out, or use `\(signal.name)_endpoint`")
        }
        self.settings = settings
        self.host = host
        self.http = http
        log = SinkLog(host)
    }

    func start(deadline: Deadline) throws(ComponentError) {
        var clients: [String: Client] = [:]
        var opened: [Target?] = []
        for signal in Signal.allCases {
            guard let (endpoint, path) = settings.target(of: signal) else {
                opened.append(nil)
                continue
            }
            let client: Client
            if let known = clients[endpoint] {
                client = known
            } else {
                client = try http.open(settings.client.replacing(endpoint: endpoint), .http)
                clients[endpoint] = client
            }
            let printable = HostSettings.printable(endpoint)
            opened.append(
                Target(
                    client: client, path: path,
                    reading: ReplyReading(endpoint: printable + path, signal: signal)))
        }
        targets.withLock { [opened] in $0 = opened }
    }

    func stop(deadline: Deadline) throws(ComponentError) {
        let open = targets.withLock { targets in
            defer { targets = [] }
            return targets
        }
        for target in open { target?.client.close() }
    }

    func deliver(_ batch: Batch, _ delivery: Delivery) -> Outcome {
        let open = targets.withLock { $0 }
        guard !open.isEmpty else { return .retry(message: "the sink has been stopped") }
        guard let target = open[Int(batch.signal.rawValue) - 1] else {
            return .refused(
                message: "there is no endpoint for \(batch.signal.name): set `endpoint` or "
                    + "`\(batch.signal.name)_endpoint`")
        }
        let encoding = settings.encoding
        do throws(ComponentError) {
            try target.client.send(
                "POST", target.path, headers: HTTPSink.headers(encoding),
                try body(of: batch), deadline: delivery.deadline
            ) { [log] reply in
                let outcome = target.reading.outcome(http: reply, sent: encoding)
                if !reply.wasCancelled { log.note(outcome, endpoint: target.reading.endpoint) }
                delivery.settle(outcome)
            }
            return .pending
        } catch {
            let outcome = target.reading.notReached(error)
            log.note(outcome, endpoint: target.reading.endpoint)
            return outcome
        }
    }

    private func body(of batch: Batch) throws(ComponentError) -> Client.Body {
        switch settings.encoding {
        case .proto: return .batch(batch)
        case .json:
            do throws(WireError) {
                // In protobuf the parts concatenated are their merge; in JSON they are not.
                let bytes = batch.copyBytes()
                return .bytes(try unsafe json(bytes.span.bytes, as: batch.signal))
            } catch {
                throw .refused("the batch cannot be written as JSON: \(error)")
            }
        }
    }

    private static let protoHeaders = [Header("content-type", Encoding.proto.contentType)]
    private static let jsonHeaders = [Header("content-type", Encoding.json.contentType)]

    private static func headers(_ encoding: Encoding) -> [Header] {
        switch encoding {
        case .proto: protoHeaders
        case .json: jsonHeaders
        }
    }
}
