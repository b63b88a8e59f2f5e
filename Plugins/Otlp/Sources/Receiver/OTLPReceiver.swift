import Synchronization
import WeirSDK

/// Receives OTLP over gRPC and HTTP and answers when everything downstream has taken it, or when
/// the host says what became of it.
final class OTLPReceiver: Receiver {
    private let settings: ReceiverSettings
    private let host: Host
    private let server: HTTPServer
    private let listeners = Mutex<[Listener]>([])

    init(settings: ReceiverSettings, host: Host) throws(ComponentError) {
        guard settings.grpc != nil || settings.http != nil else {
            throw .invalid(
                "neither protocol is enabled: add `grpc:` or `http:` (or both) under `protocols:`")
        }
        guard let server = host.httpServer else {
            throw .unsupported(
                "this host has no weir.http-server/1, which receives OTLP: use a newer host")
        }
        self.settings = settings
        self.host = host
        self.server = server
    }

    func start(deadline: Deadline) throws(ComponentError) {
        let ingest = Ingest(host, patience: settings.waitForRoom)
        if let grpc = settings.grpc {
            let handler = GRPCHandler(ingest: ingest)
            try listen(grpc, .grpc) { exchange, request in
                handler.answer(exchange, request)
            }
        }
        if let http = settings.http {
            let handler = HTTPHandler(ingest: ingest, paths: settings.paths)
            try listen(http, .http) { exchange, request in
                handler.answer(exchange, request)
            }
        }
    }

    private func listen(
        _ settings: HostSettings, _ protocols: Protocols,
        _ handler: @escaping @Sendable (Exchange, borrowing Request) -> Void
    ) throws(ComponentError) {
        let listener = try server.listen(settings, protocols, handler: handler)
        listeners.withLock { $0.append(listener) }
        let name = protocols == .grpc ? "gRPC" : "HTTP"
        host.log(.debug, "serves OTLP/\(name) on \(settings.endpoint), port \(listener.port)")
    }

    func stop(deadline: Deadline) throws(ComponentError) {
        let open = listeners.withLock { listeners in
            defer { listeners = [] }
            return listeners
        }
        for listener in open { listener.close(deadline: deadline) }
    }
}
