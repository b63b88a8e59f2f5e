import WeirTelemetry

/// The three paths of OTLP/HTTP.
struct HTTPPaths: Sendable {
    private let traces: [UInt8]
    private let metrics: [UInt8]
    private let logs: [UInt8]

    /// `nil` is the path of the specification.
    init(traces: String? = nil, metrics: String? = nil, logs: String? = nil) {
        func bytes(_ path: String?, _ signal: Signal) -> [UInt8] {
            let path = path ?? signal.httpPath
            return Array((path.hasPrefix("/") ? path : "/" + path).utf8)
        }
        self.traces = bytes(traces, .traces)
        self.metrics = bytes(metrics, .metrics)
        self.logs = bytes(logs, .logs)
    }

    func signal(at path: RawSpan) -> Signal? {
        if path.equals(traces) { return .traces }
        if path.equals(metrics) { return .metrics }
        if path.equals(logs) { return .logs }
        return nil
    }

    func path(of signal: Signal) -> String {
        let bytes =
            switch signal {
            case .traces: traces
            case .metrics: metrics
            case .logs: logs
            }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// What to tell a client that asked for something else.
    func advice(for path: RawSpan) -> String {
        let found = path.text(limit: 80)
        let paths = Signal.allCases.map(self.path)
        let served = "\(paths[0]), \(paths[1]) and \(paths[2])"
        let intro = "there is no \"\(found)\" here, only \(served)"
        if path.equals(Array("/".utf8)) || path.isEmpty {
            return "\(intro): append the signal's path to the endpoint "
                + "(SDKs do so with OTEL_EXPORTER_OTLP_ENDPOINT, "
                + "not with OTEL_EXPORTER_OTLP_TRACES_ENDPOINT)"
        }
        if Signal.allCases.contains(where: { found == $0.grpcPath }) {
            return "\(intro): this is a gRPC method; send it to the gRPC port as application/grpc"
        }
        if let near = paths.first(where: { isMeant($0, by: found) }) {
            return "\(intro): did you mean \(near)?"
        }
        if let twice = paths.first(where: { found.hasSuffix($0) }) {
            return "\(intro): \(twice) is appended to an endpoint that has a path already"
        }
        return intro
    }

    /// `/v1/trace`, `/v1/traces/`, `/V1/Traces`, `/traces` and the like.
    private func isMeant(_ path: String, by found: String) -> Bool {
        var found = found.lowercased()
        while found.hasSuffix("/") { found.removeLast() }
        let path = path.lowercased()
        return found == path || found + "s" == path || path.hasSuffix(found) && found.count > 3
            || path.hasSuffix(found + "s") && found.count > 2
    }
}
