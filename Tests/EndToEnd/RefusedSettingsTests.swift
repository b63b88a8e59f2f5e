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
