import WeirSDK
import WeirTelemetry

/// The three Export methods of OTLP/gRPC.
struct GRPCHandler: Sendable {
    let ingest: Ingest
    private let traces = Array(Signal.traces.grpcPath.utf8)
    private let metrics = Array(Signal.metrics.grpcPath.utf8)
    private let logs = Array(Signal.logs.grpcPath.utf8)

    init(ingest: Ingest) { self.ingest = ingest }

    func answer(_ exchange: Exchange, _ request: borrowing Request) {
        guard let signal = signal(of: request) else {
            return exchange.respond(unknownMethod(request))
        }
        ingest.take(request.body, signal, from: request) {
            exchange.respond(Response(grpc: $0, signal))
        }
    }

    private func signal(of request: borrowing Request) -> Signal? {
        let path = request.pathBytes
        if path.equals(traces) { return .traces }
        if path.equals(metrics) { return .metrics }
        if path.equals(logs) { return .logs }
        return nil
    }

    private func unknownMethod(_ request: borrowing Request) -> Response {
        let served = Signal.allCases.map { String($0.grpcPath.dropFirst()) }
        return .grpc(
            .unimplemented,
            message: "there is no \"\(request.pathBytes.text(limit: 120))\" here, only "
                + "\(served[0]), \(served[1]) and \(served[2])")
    }
}
