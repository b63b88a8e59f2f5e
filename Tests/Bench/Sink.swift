import NIOCore
import NIOPosix
import Synchronization
import WeirNet

/// Takes OTLP over gRPC and HTTP on one port, counts the items, and keeps nothing.
/// `GET /count` answers with the totals as JSON.
final class Sink: ServerHandler {
    let requests = Atomic<Int>(0)
    let bytes = Atomic<Int>(0)
    let items: [Counter] = [Counter(), Counter(), Counter()]

    /// A counter that can stand in an array.
    final class Counter: Sendable {
        let value = Atomic<Int>(0)
    }

    static func start(endpoint: Endpoint, group: any EventLoopGroup) async throws -> (
        Sink, HTTPServer, Endpoint
    ) {
        let sink = Sink()
        let server = HTTPServer(
            options: ServerOptions(endpoint: endpoint), group: group, handler: sink)
        let bound = try await server.start().get()
        return (sink, server, bound)
    }

    func receive(_ exchange: ServerExchange) {
        if exchange.path == "/count" {
            exchange.respond(
                status: 200, headers: [("content-type", "application/json")],
                body: ByteBuffer(string: totals + "\n"))
            return
        }
        let path = exchange.path
        let signal: PayloadSignal =
            path.contains("race") ? .traces : path.contains("og") ? .logs : .metrics
        count(signal).value.add(ItemCount.items(of: signal, in: exchange.body), ordering: .relaxed)
        requests.add(1, ordering: .relaxed)
        bytes.add(exchange.body.readableBytes, ordering: .relaxed)
        if exchange.isGRPC {
            exchange.respondGRPC(.ok, body: ByteBuffer())
        } else {
            exchange.respond(
                status: 200, headers: [("content-type", "application/x-protobuf")],
                body: ByteBuffer())
        }
    }

    func count(_ signal: PayloadSignal) -> Counter {
        switch signal {
        case .traces: items[0]
        case .logs: items[1]
        case .metrics: items[2]
        }
    }

    var totals: String {
        let counts = items.map { $0.value.load(ordering: .relaxed) }
        return """
            {"requests": \(requests.load(ordering: .relaxed)), \
            "bytes": \(bytes.load(ordering: .relaxed)), "spans": \(counts[0]), \
            "logs": \(counts[1]), "points": \(counts[2])}
            """
    }
}
