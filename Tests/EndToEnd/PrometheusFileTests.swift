import Foundation
import Testing
import WeirTestKit

/// A prometheus.yml, with the real components behind it.
extension EndToEnd {
    private static let prometheusFile = "\(Build.root)/examples/configs/prometheus.yml"
    private static let fixtures = "\(Build.root)/Tests/WeirConfigTests/Golden/prometheus"

    static let prometheusFiles: [String] = {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: fixtures)) ?? []
        return [prometheusFile] + names.sorted().map { "\(fixtures)/\($0)" }
    }()

    /// Valid, and converted it is valid as well; converting compares what the components get.
    @Test(.timeLimit(.minutes(1)), arguments: prometheusFiles)
    func prometheusFileIsValid(_ path: String) async throws {
        let validated = try await Command.weir("validate", "--prometheus", path)
        #expect(validated.status == 0, "\(validated.output)\(validated.errors)")
        #expect(validated.errors.contains("note: \(path): scrapes "))
        let converted = try await Command.weir("convert", "prometheus", path)
        try #require(converted.status == 0, "\(converted.errors)")
        let folder = try TemporaryFolder()
        let file = try folder.write(converted.output, to: "weir.yaml")
        let second = try await Command.weir("validate", "--config", file)
        #expect(second.status == 0, "\(second.errors)\n\(converted.output)")
    }

    @Test func thereArePrometheusFiles() { #expect(Self.prometheusFiles.count >= 6) }

    @Test(.timeLimit(.minutes(1))) func wrongPrometheusFileIsNotConverted() async throws {
        let folder = try TemporaryFolder()
        let file = try folder.write(
            "scrape_configs:\n- job_name: a\n  consul_sd_configs: [{server: a}]\n",
            to: "prometheus.yml")
        let results = [
            try await Command.weir("validate", "--prometheus", file),
            try await Command.weir("convert", "prometheus", file),
        ]
        for result in results {
            #expect(result.status == 2)
            #expect(result.errors.contains("\(file):3:3: error[E0316]"), "\(result.errors)")
            #expect(!result.output.contains("receivers:"))
        }
    }
}
