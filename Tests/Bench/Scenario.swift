import NIOCore

/// One row of the table: a load, a configuration, and what is asked of the result.
struct Scenario: Sendable {
    var name: String
    var signal = PayloadSignal.traces
    var mode = LoadMode.grpc
    var items: Int
    /// Processors before the batch processor, as YAML by id.
    var processors: [(id: String, yaml: String)] = []
    /// Whether the sink's queue is on disk; without, it is in memory.
    var isStored = false
    /// When the receiver answers.
    var acknowledges = "enqueued"
    var check: (@Sendable (Measurement, [String: Measurement]) -> Check?)?

    /// Whether a target was reached, and the target in words.
    struct Check: Sendable {
        var isReached: Bool
        var target: String
    }

    static let all: [Scenario] = [
        Scenario(name: "traces gRPC, 1 a request", items: 1) { own, _ in
            Check(
                isReached: own.microsecondsPerRequest <= 60,
                target: "60 µs a request")
        },
        Scenario(name: "traces gRPC, 100 a request", items: 100) { own, _ in
            Check(isReached: own.ratio <= 2, target: "2.0 times the relay")
        },
        Scenario(
            name: "traces gRPC, 100 a request, one upsert", items: 100,
            processors: [("attributes", upsert)]
        ) { own, others in
            guard let plain = others["traces gRPC, 100 a request"] else { return nil }
            return Check(isReached: own.more(than: plain) <= 0.3, target: "0.3 more than without")
        },
        Scenario(name: "traces gRPC, 1000 a request", items: 1000) { own, _ in
            Check(isReached: own.ratio <= 3.3, target: "3.3 times the relay")
        },
        Scenario(name: "traces HTTP, 100 a request", mode: .http, items: 100) { own, others in
            guard let grpc = others["traces gRPC, 100 a request"] else { return nil }
            // Less than a twentieth is noise.
            return Check(
                isReached: own.weir.cost <= grpc.weir.cost * 1.05, target: "no dearer than gRPC")
        },
        Scenario(name: "logs gRPC, 100 a request", signal: .logs, items: 100),
        Scenario(name: "metrics gRPC, 100 a request", signal: .metrics, items: 100),
        Scenario(name: "traces gRPC, 100 a request, queue on disk", items: 100, isStored: true) {
            own, others in
            guard let plain = others["traces gRPC, 100 a request"] else { return nil }
            return Check(
                isReached: own.weir.cost <= plain.weir.cost * 2, target: "2.0 times that in memory")
        },
        Scenario(
            name: "traces gRPC, 100 a request, queue on disk, answered after the fsync", items: 100,
            isStored: true, acknowledges: "durable"),
    ]

    private static let upsert =
        "{actions: [{key: deployment.region, value: eu-central-1, action: upsert}]}"

    /// The configuration of the runtime under test.
    func configuration(receive: Int, send: Int, admin: Int, folder: String) -> String {
        let port = "127.0.0.1:\(receive)"
        let chain = (processors.map(\.id) + ["batch"]).joined(separator: ", ")
        let own = processors.map { "\n  \($0.id): \($0.yaml)" }.joined()
        let queue = isStored ? ", sending_queue: {storage: file_storage}" : ""
        let sink =
            mode == .grpc
            ? "otlp: {endpoint: \"127.0.0.1:\(send)\", tls: {insecure: true}, compression: none\(queue)}"
            : "otlphttp: {endpoint: \"http://127.0.0.1:\(send)\", compression: none\(queue)}"
        let storage = isStored ? "extensions: {file_storage: {directory: \"\(folder)/queue\"}}" : ""
        return """
            receivers:
              otlp: {protocols: {\(mode.rawValue): {endpoint: "\(port)"}}, ack: \(acknowledges)}
            processors:\(own)
              batch: {}
            sinks:
              \(sink)
            \(storage)
            service:
              extensions: [\(isStored ? "file_storage" : "")]
              telemetry: {metrics: {address: "127.0.0.1:\(admin)"}}
              pipelines:
                \(signal.rawValue): {receivers: [otlp], processors: [\(chain)], sinks: [\(mode == .grpc ? "otlp" : "otlphttp")]}
            """
    }
}

/// What one program used during one run.
struct Usage: Sendable {
    /// CPU seconds, user and system, of all threads.
    var cpu = 0.0
    var items = 0
    var requests = 0
    var seconds = 0.0
    var refused = 0
    /// Items that were accepted and did not arrive.
    var lost = 0
    var peak = 0
    var p99 = 0.0
    /// How often the disk was waited for.
    var syncs: Int?

    /// CPU seconds per million items.
    var cost: Double { items > 0 ? cpu / Double(items) * 1e6 : .infinity }
    var itemsPerSecond: Double { seconds > 0 ? Double(items) / seconds : 0 }
}

/// The median runs of a scenario: weir's, and the relay's in the same minutes.
struct Measurement: Sendable {
    var relay: Usage
    var weir: Usage
    /// CPU seconds per million items in each round, in their order.
    var costs: [Double]
    /// Before the first request, bytes.
    var idle: Int
    /// From the start of the process to the first "ready", seconds.
    var ready: Double

    var ratio: Double { weir.cost / relay.cost }

    /// What this cost more than another load, in CPU seconds per million items: the median of the
    /// differences within a round, since the machine is not as fast in one round as in the next.
    func more(than other: Measurement) -> Double {
        let differences = zip(costs, other.costs).map(-).sorted()
        return differences[differences.count / 2]
    }
    var microsecondsPerRequest: Double {
        weir.requests > 0 ? weir.cpu / Double(weir.requests) * 1e6 : .infinity
    }
}
