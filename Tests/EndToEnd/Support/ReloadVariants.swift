/// Configurations that a running weir is reloaded with. Each takes logs on the same two ports, and
/// writes each record to one of two files.
struct ReloadVariants {
    let all: [String]

    /// Several errors, in several places.
    static let wrong = """
        receivers: {otlp: {protocols: {grcp: {}}}}
        sinks: {file/a: {path: FOLDER/a.jsonl, verbosty: 1}}
        service:
          pipelines: {logs: {receivers: [otlp], sinks: [file/a]}}
        """

    /// - Parameter ports: HTTP, gRPC, and two others.
    init(_ ports: [Int]) {
        let second = "\n  otlp/extra: {protocols: {http: {endpoint: \"127.0.0.1:EXTRA\"}}}"
        let extra = "\n    logs/extra: {receivers: [otlp/extra], sinks: [file/b]}"
        func variant(
            receiver: String = "", more: String = "", processors: String = "", flush: String = "1s",
            sink: String = "file/a", pipelines: String = "", extra port: Int = 0
        ) -> String {
            let name = processors.prefix { $0 != ":" }
            return """
                receivers:
                  otlp:
                    protocols:
                      http: {endpoint: "127.0.0.1:\(ports[0])"\(receiver)}
                      grpc: {endpoint: "127.0.0.1:\(ports[1])"}\(more)
                processors: {\(processors)}
                sinks:
                  file/a: {path: FOLDER/a.jsonl, flush_interval: \(flush)}
                  file/b: {path: FOLDER/b.jsonl}
                service:
                  telemetry: {logs: {level: info}, metrics: {address: "127.0.0.1:ADMIN"}}
                  pipelines:
                    logs: {receivers: [otlp], processors: [\(name)], sinks: [\(sink)]}\(pipelines)
                """.replacing("EXTRA", with: "\(port)")
        }
        all = [
            variant(),
            variant(processors: "batch: {timeout: 50ms}"),
            variant(processors: "batch: {timeout: 20ms}", sink: "file/b"),
            Self.wrong,
            variant(flush: "2s"),
            variant(receiver: ", max_request_body_size: 1000000", processors: "batch: "),
            variant(more: second, pipelines: extra, extra: ports[2]),
            variant(more: second, flush: "3s", pipelines: extra, extra: ports[3]),
        ]
    }
}
