import Testing
import WeirPrometheus
import WeirSDK
import WeirTelemetry
import WeirTestKit

@testable import PrometheusPlugin

/// The sink on a fake host, and what it serves.
struct ExpositionRun: Sendable {
    let host = FakeHost()
    let sink: TestInstance

    init(_ settings: String = "{}") throws {
        sink = try host.start(plugin, .sink, "prometheus", settings: settings)
    }

    @discardableResult
    func deliver(
        resource: [Attribute] = [], _ build: (inout RequestBuilder) -> Void
    ) throws -> Outcome? {
        var builder = RequestBuilder(.metrics)
        builder.resource(resource)
        build(&builder)
        return sink.deliver(try host.batch(.metrics, builder.finish())).outcome
    }

    func get(
        _ path: String = "/metrics", accept: String? = nil, method: String = "GET"
    ) throws -> Response {
        let headers = accept.map { [Header("accept", $0)] } ?? []
        let exchange = try #require(host.server.send(method, path, body: [], headers: headers))
        return try #require(exchange.response)
    }

    /// The sample lines that are served.
    func lines(accept: String? = nil) throws -> [String] {
        String(decoding: try get(accept: accept).body, as: UTF8.self).split(separator: "\n")
            .filter { !$0.hasPrefix("#") }.map(String.init)
    }

    func text(accept: String? = nil) throws -> String {
        String(decoding: try get(accept: accept).body, as: UTF8.self)
    }
}

let openMetricsAccept = "application/openmetrics-text;version=1.0.0"
