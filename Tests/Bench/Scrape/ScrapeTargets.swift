import NIOCore
import NIOPosix
import Synchronization
import WeirNet

/// Plays both ends of a scraping agent on one port: `/t/N/metrics` are targets whose counters move
/// with time, and remote writes to `/api/v1/write` are counted and forgotten.
final class ScrapeTargets: ServerHandler {
    let series: Int
    let scrapes = Atomic<Int>(0)
    /// Samples that came by remote write, those about the scrapes themselves (`up`, ...) included.
    let samples = Atomic<Int>(0)
    let writes = Atomic<Int>(0)

    private init(series: Int) { self.series = series }

    static func start(
        port: Int, series: Int, group: any EventLoopGroup
    ) async throws -> (ScrapeTargets, HTTPServer, Endpoint) {
        let targets = ScrapeTargets(series: series)
        let server = HTTPServer(
            options: ServerOptions(endpoint: .tcp(host: "127.0.0.1", port: port)), group: group,
            handler: targets)
        return (targets, server, try await server.start().get())
    }

    func receive(_ exchange: ServerExchange) {
        if exchange.path.hasSuffix("/metrics") {
            scrapes.add(1, ordering: .relaxed)
            let seconds = NIODeadline.now().uptimeNanoseconds / 1_000_000_000
            exchange.respond(
                status: 200, headers: [("content-type", "text/plain; version=0.0.4")],
                body: Self.exposition(series: series, seconds: seconds))
        } else if exchange.path == "/api/v1/write" {
            writes.add(1, ordering: .relaxed)
            samples.add(ItemCount.samples(in: exchange.body), ordering: .relaxed)
            exchange.respond(status: 204)
        } else {
            exchange.respond(status: 404)
        }
    }

    /// Lines as web servers have them, 110 bytes each; 50 series a family.
    static func exposition(series: Int, seconds: UInt64) -> ByteBuffer {
        var text = ByteBufferAllocator().buffer(capacity: series * 116)
        for index in 0..<series {
            let family = "shop_http_requests_\(index / 50)_total"
            if index % 50 == 0 {
                text.writeString("# HELP \(family) Requests served.\n# TYPE \(family) counter\n")
            }
            text.writeString(
                family + "{method=\"GET\",route=\"/api/v1/products/{id}\",status=\""
                    + "\(200 + index % 5)\",handler=\"h\(index % 50)\"} "
                    + "\(seconds * UInt64(index % 7 + 1))\n")
        }
        return text
    }
}
