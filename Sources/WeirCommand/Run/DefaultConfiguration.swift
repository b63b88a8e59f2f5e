/// What `weir run` does without a file: takes OTLP on loopback, prints it, and keeps it in files
/// that rotate.
enum DefaultConfiguration {
    static let folder = "weir-data"

    static let text = """
        receivers:
          otlp:
            protocols:
              grpc:
                endpoint: 127.0.0.1:4317
              http:
                endpoint: 127.0.0.1:4318
        processors:
          batch:
        sinks:
          debug:
            verbosity: normal
          file/traces:
            path: ./\(folder)/traces.jsonl
            create_directory: true
            rotation: {max_megabytes: 64, max_backups: 4}
          file/metrics:
            path: ./\(folder)/metrics.jsonl
            create_directory: true
            rotation: {max_megabytes: 64, max_backups: 4}
          file/logs:
            path: ./\(folder)/logs.jsonl
            create_directory: true
            rotation: {max_megabytes: 64, max_backups: 4}
        service:
          pipelines:
            traces:
              receivers: [otlp]
              processors: [batch]
              sinks: [debug, file/traces]
            metrics:
              receivers: [otlp]
              processors: [batch]
              sinks: [debug, file/metrics]
            logs:
              receivers: [otlp]
              processors: [batch]
              sinks: [debug, file/logs]
        """

    static let welcome = """
        Weir takes OTLP on 127.0.0.1:4317 (gRPC) and 127.0.0.1:4318 (HTTP), prints what arrives, and \
        keeps it in ./\(folder). Send something:

          curl -s http://127.0.0.1:4318/v1/logs -H 'content-type: application/json' -d '{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"hello"}}]}]}]}'
          OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318 OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf your-program
        """
}
