import Foundation
import Testing
import WeirTestKit

/// Settings that fit every schema and that a component refuses all the same.
extension EndToEnd {
    private static let refused = """
        receivers:
          prometheus:
            config:
              scrape_configs:
                - job_name: a
                  static_configs: [{targets: ["127.0.0.1:9"]}]
                  relabel_configs:
                    - {action: drop, regex: 'a('}
        sinks:
          prometheusremotewrite:
            endpoint: http://127.0.0.1:9/write
            write_relabel_configs:
              - {source_labels: [a], regex: 'b(', target_label: c}
        service:
          telemetry: {metrics: {address: "127.0.0.1:0"}}
          pipelines:
            metrics: {receivers: [prometheus], sinks: [prometheusremotewrite]}
        """

    private static let refusedPrometheus = """
        scrape_configs:
          - job_name: a
            static_configs: [{targets: ["127.0.0.1:9"]}]
            relabel_configs:
              - regex: x
                source_labels: [b]
                target_label: c
              - regex: 'a('
                target_label: b
        """

    /// `validate` says what `run` would, where it is, with the same status.
    @Test(.timeLimit(.minutes(2))) func componentsAreAskedBeforeTheyRun() async throws {
        let folder = try TemporaryFolder()
        let file = "\(folder.path)/weir.yaml"
        try Self.refused.write(toFile: file, atomically: true, encoding: .utf8)
        for command in ["validate", "run"] {
            let result = try await Command.weir(command, "--config", file)
            #expect(result.status == 2, "\(result.errors)")
            #expect(
                result.errors.contains("\(file):8:37: error[E0317]: 'regex':"), "\(result.errors)")
            #expect(
                result.errors.contains(
                    "= in receivers.prometheus.config.scrape_configs[0].relabel_configs[0].regex"))
            #expect(result.errors.contains("\(file):13:37: error[E0317]: 'regex':"))
            #expect(!result.output.contains("valid"))
        }
        let json = try await Command.weir("validate", "--format", "json", "--config", file)
        #expect(json.status == 2)
        #expect(json.output.contains("\"valid\": false"), "\(json.output)")
    }

    private static let doubted = """
        receivers:
          kafka:
            brokers: ["a:9092"]
            auth: {plain_text: {username: u, password: hunter2}}
        sinks:
          loadbalancing:
            protocol: {otlp: {}}
            resolver:
              static: {hostnames: [a, "b:1", "a:4317"]}
        service:
          pipelines:
            logs: {receivers: [kafka], sinks: [loadbalancing]}
        """

    /// What components take and find odd is a warning where it stands; all that they refuse is told
    /// at once.
    @Test(.timeLimit(.minutes(2))) func componentsWarnBeforeTheyRun() async throws {
        let folder = try TemporaryFolder()
        let file = "\(folder.path)/weir.yaml"
        try Self.doubted.write(toFile: file, atomically: true, encoding: .utf8)
        let result = try await Command.weir("validate", "--config", file)
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.output.contains("2 warnings"), "\(result.output)")
        #expect(
            result.errors.contains("\(file):4:12: warning[W0608]: 'plain_text': the password goes"),
            "\(result.errors)")
        #expect(result.errors.contains("\(file):9:38: warning[W0608]: 'hostnames[2]': a:4317 is"))
        #expect(!result.errors.contains("hunter2"))

        try Self.doubted.replacing("a:9092", with: "a:x").replacing(
            "auth:", with: "logs: {topic: a b}\n    auth:"
        )
        .replacing("b:1", with: "b:y")
        .write(toFile: file, atomically: true, encoding: .utf8)
        let wrong = try await Command.weir("validate", "--config", file)
        #expect(wrong.status == 2, "\(wrong.errors)")
        for place in [
            "3:15: error[E0317]: 'brokers[0]'", "4:19: error[E0317]: 'topic'",
            "10:31: error[E0317]: 'hostnames[1]'",
        ] {
            #expect(wrong.errors.contains("\(file):\(place)"), "\(wrong.errors)")
        }
    }

    @Test(.timeLimit(.minutes(2))) func refusedPrometheusFileIsNotConverted() async throws {
        let folder = try TemporaryFolder()
        let file = "\(folder.path)/prometheus.yml"
        try Self.refusedPrometheus.write(toFile: file, atomically: true, encoding: .utf8)
        for arguments in [
            ["validate", "--prometheus", file], ["convert", "prometheus", file],
            ["run", "--prometheus", file],
        ] {
            let result = try await Command(
                Build.weir, arguments, environment: ["WEIR_PLUGIN_PATH": Build.plugins], limit: 60
            ).run()
            #expect(result.status == 2, "\(arguments[0]) \(result.errors)")
            #expect(
                result.errors.contains("\(file):8:16: error[E0317]: 'regex':"), "\(result.errors)")
            #expect(
                result.errors.contains("= in scrape_configs[0].relabel_configs[1].regex"),
                "\(result.errors)")
        }
    }
}
