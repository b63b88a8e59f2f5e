import WeirTelemetry

enum PayloadSignal: String, CaseIterable, Sendable {
    case traces, metrics, logs

    var signal: Signal {
        switch self {
        case .traces: .traces
        case .metrics: .metrics
        case .logs: .logs
        }
    }
}

/// OTLP requests as a web shop's services would send them: 11 attributes on the resource, ten on a
/// span (433 bytes), five on a log record (335 bytes), four on a data point (223 to 249 bytes).
///
/// The same on every machine and at every run: numbers come from a generator with a fixed seed.
enum Payload {
    static let start: UInt64 = 1_790_000_000_000_000_000

    static func make(_ signal: PayloadSignal, items: Int) -> [UInt8] {
        var random = SplitMix(state: 7)
        var builder = RequestBuilder(signal.signal)
        builder.resource(resource)
        switch signal {
        case .traces: spans(items, &builder, &random)
        case .metrics: points(items, &builder, &random)
        case .logs: records(items, &builder, &random)
        }
        return builder.finish()
    }

    private static let resource: [Attribute] = [
        Attribute("service.name", "checkout-0"), Attribute("service.version", "1.14.2"),
        Attribute("service.namespace", "shop"), Attribute("deployment.environment", "production"),
        Attribute("k8s.pod.name", "checkout-7f9c6d5b8-00000"),
        Attribute("k8s.namespace.name", "shop"), Attribute("k8s.node.name", "ip-10-0-12-34"),
        Attribute("host.name", "ip-10-0-12-34"), Attribute("telemetry.sdk.name", "opentelemetry"),
        Attribute("telemetry.sdk.language", "swift"), Attribute("telemetry.sdk.version", "1.40.0"),
    ]

    private static let spanNames = [
        "GET /api/v1/products/{id}", "POST /api/v1/orders", "SELECT shop.orders", "redis GET",
        "publish order.created",
    ]

    private static func spans(
        _ count: Int, _ builder: inout RequestBuilder, _ random: inout SplitMix
    ) {
        builder.scope(name: "io.shop.http", version: "2.1.0")
        var trace = random.bytes(16)
        for index in 0..<count {
            let isRoot = index % 8 == 0
            if isRoot { trace = random.bytes(16) }
            let begin = start + UInt64(index) * 1000
            var span = SpanRecord(
                traceID: trace, spanID: random.bytes(8), name: random.pick(spanNames),
                startTimeUnixNano: begin,
                endTimeUnixNano: begin + UInt64(random.number(100_000...900_000_000)))
            if !isRoot { span.parentSpanID = random.bytes(8) }
            span.kind = random.pick([.internal, .server, .client, .producer, .consumer])
            span.attributes = [
                Attribute("http.request.method", "GET"),
                Attribute("url.path", .string("/api/v1/products/\(random.number(1...9999))")),
                Attribute(
                    "http.response.status_code", .int(random.pick([200, 200, 200, 404, 500]))),
                Attribute("server.address", "shop.example.com"), Attribute("server.port", 443),
                Attribute("network.protocol.version", "1.1"),
                Attribute(
                    "user_agent.original", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36"),
                Attribute("client.address", .string("203.0.113.\(random.number(1...254))")),
                Attribute("enduser.id", .string("user-\(random.number(1...100_000))")),
                Attribute("thread.id", .int(random.number(1...64))),
            ]
            builder.span(span)
        }
    }

    private static func records(
        _ count: Int, _ builder: inout RequestBuilder, _ random: inout SplitMix
    ) {
        builder.scope(name: "io.shop.log")
        for index in 0..<count {
            let (severity, text) = random.pick([
                (9, "INFO"), (9, "INFO"), (9, "INFO"), (13, "WARN"), (17, "ERROR"),
            ])
            let user = random.number(1...100_000)
            let padding = String(repeating: "x", count: Int(random.number(0...120)))
            var record = LogRecord(
                .string(
                    "2026-11-21T02:00:00Z \(text) order \(random.number(1...1_000_000)) accepted "
                        + "in \(random.number(1...900)) ms for user-\(user) \(padding)"))
            record.timeUnixNano = start + UInt64(index)
            record.observedTimeUnixNano = start + UInt64(index) + 5
            record.severityNumber = Int32(severity)
            record.severityText = text
            record.traceID = random.bytes(16)
            record.spanID = random.bytes(8)
            record.attributes = [
                Attribute("logger", "shop.orders.OrderService"),
                Attribute("thread", .string("worker-\(random.number(1...32))")),
                Attribute("order.id", .int(random.number(1...1_000_000))),
                Attribute("http.response.status_code", 200),
                Attribute("enduser.id", .string("user-\(user)")),
            ]
            builder.logRecord(record)
        }
    }

    private static let metricNames = [
        "http.server.request.duration", "http.server.active_requests", "process.cpu.time",
        "db.client.connections.usage",
    ]
    private static let bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

    private static func points(
        _ count: Int, _ builder: inout RequestBuilder, _ random: inout SplitMix
    ) {
        builder.scope(name: "io.shop.metrics")
        let kinds: [RequestBuilder.MetricKind] = [
            .sum(.cumulative, isMonotonic: true), .gauge, .histogram(.cumulative),
        ]
        let time = start + 15_000_000_000
        var done = 0
        while done < count {
            let kind = random.pick(kinds)
            builder.metric(
                random.pick(metricNames), unit: "1", description: "A measurement of the shop.",
                kind)
            for index in 0..<min(10, count - done) {
                let attributes = [
                    Attribute("http.request.method", "GET"),
                    Attribute("http.route", "/api/v1/products/{id}"),
                    Attribute("http.response.status_code", .int(random.pick([200, 404, 500]))),
                    Attribute("server.address", .string("shop-\(index).example.com")),
                ]
                if case .histogram = kind {
                    builder.histogramPoint(
                        count: 1000, sum: 12.5, bounds: bounds,
                        bucketCounts: (0..<12).map { _ in UInt64(random.number(0...200)) },
                        at: time, since: start, attributes: attributes)
                } else {
                    builder.point(
                        .double(Double(random.number(0...1_000_000)) / 1000), at: time,
                        since: start, attributes: attributes)
                }
                done += 1
            }
        }
    }
}

/// Sebastiano Vigna's SplitMix64: small, and the same numbers everywhere.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func number(_ range: ClosedRange<Int64>) -> Int64 {
        Int64.random(in: range, using: &self)
    }

    mutating func pick<Element>(_ choices: [Element]) -> Element {
        choices[Int(number(0...Int64(choices.count - 1)))]
    }

    mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) }
    }
}
