import Foundation
import Testing
import WeirJSON
import WeirTestKit

@testable import PrometheusPlugin

struct RelabelKeysTests {
    private func run(_ config: String, _ arguments: [String]) throws -> CommandResult {
        let folder = try TemporaryFolder()
        try folder.write(config, to: "c.yml")
        return try FakeHost().run(
            plugin, command: "relabel",
            arguments.map { $0.replacing("FILE", with: folder.path + "/c.yml") })
    }

    @Test(
        arguments: [
            (
                #"[{"regex":"a","action":"labeldrop"},{"source_label":["a"],"action":"keep"}]"#,
                false,
                "rules[1].source_label: this key is not known; did you mean source_labels?"
            ),
            (
                #"{"relabel_confgs":[]}"#, false,
                "c.yml: relabel_confgs: this key is not known; did you mean relabel_configs?"
            ),
            (
                #"{"what":[]}"#, false,
                "what: this key is not known; expected relabel_configs, metric_relabel_configs, "
            ),
            (
                #"{"relabel_configs":[],"metric_relabel_configs":[]}"#, false,
                "found relabel_configs and metric_relabel_configs, expected one of them"
            ),
            (
                #"{"scrape_configs":[{"job_name":"a","relabel_confgs":[]}]}"#, true,
                "scrape_configs[0].relabel_confgs: this key is not known; did you mean relabel_configs?"
            ),
            (
                #"{"scrape_configs":[{"job_name":"a","metric_relabel_configs":[{"target":"b"}]}]}"#,
                true,
                "metric_relabel_configs[0].target: this key is not known; expected separator, "
            ),
            (
                #"{"scrape_config":[]}"#, true,
                "scrape_config: this key is not known; did you mean scr"
            ),
            (
                #"{"global":{"scrape_intervall":"5s"},"scrape_configs":[{"job_name":"a"}]}"#, true,
                "global.scrape_intervall: this key is not known; did you mean scrape_interval?"
            ),
            (
                #"{"receivers":{"prometheus":{"config":{"scrape_cfgs":[]}}}}"#, true,
                "config.scrape_cfgs: this key is not known; did you mean scrape_configs?"
            ),
        ])
    func unknownKeysAreErrors(_ config: String, _ isConfig: Bool, _ message: String) throws {
        let result = try run(config, (isConfig ? ["--config", "FILE"] : ["FILE"]) + [#"{a="1"}"#])
        #expect(result.status == 1)
        #expect(result.output.isEmpty)
        #expect(result.errors.contains(message), "\(result.errors)")
    }

    private static let writes = #"""
        {"global":{"external_labels":{"site":"x","a":"outer"}},"remote_write":[
          {"url":"http://a","write_relabel_configs":[{"regex":"a","action":"labeldrop"}]},
          {"url":"http://b","name":"far","write_relabel_configs":[
            {"source_labels":["b"],"target_label":"c"},
            {"source_labels":["a"],"regex":"outer","action":"drop"}]}]}
        """#

    @Test(
        arguments: [
            ("1", #"{a="1"}"#, 0, #"kept: {site="x"}"#),
            ("far", #"{a="1"}"#, 0, #"kept: {a="1", site="x"}"#),
            ("2", "up", 2, "dropped by rule 2"),
        ] as [(String, String, Int32, String)])
    func remoteWritesAreExplained(
        _ name: String, _ labels: String, _ status: Int32, _ end: String
    ) throws {
        let result = try run(
            Self.writes, ["--config", "FILE", "--remote-write", name, labels])
        #expect(result.status == status, "\(result.errors)")
        #expect(result.output.contains(", write_relabel_configs\n"))
        #expect(result.output.hasSuffix("  \(end)\n\n"), "\(result.output)")
    }

    @Test func sinksOfWeirAreRemoteWrites() throws {
        let result = try run(
            #"""
            {"sinks":{"nop":{},"prometheusremotewrite/far":{"external_labels":{"b":"2"},
              "write_relabel_configs":[{"source_labels":["b"],"target_label":"c"}]}}}
            """#, ["--config", "FILE", "--remote-write", "far", #"{a="1"}"#])
        #expect(result.output.hasSuffix("kept: {a=\"1\", b=\"2\", c=\"2\"}\n\n"))
    }

    @Test func linesOfJSONNumberTheRulesAsTextDoes() throws {
        let result = try run(
            Self.writes, ["--config", "FILE", "--remote-write", "far", "--json", "up", #"{a="1"}"#])
        let lines = try result.output.split(separator: "\n").map {
            try JSONValue(parsing: String($0))
        }
        #expect(lines.count == 2)
        let last = try #require(lines.first?["steps"]?.arrayValue?.last)
        #expect(last["rule"]?.integerValue == 2)
        #expect(last["index"]?.integerValue == 1)
    }

    /// What the receiver takes is what the command takes.
    @Test func theKeysAreThoseOfTheSchema() throws {
        let file = URL(filePath: #filePath).appending(path: "../../../plugin.json").standardized
        let json = try JSONValue(parsing: String(contentsOf: file, encoding: .utf8))
        let config = try #require(
            json["components"]?.arrayValue?.first { $0["type"]?.stringValue == "prometheus" }?[
                "settings"]?["properties"]?["config"]?["properties"])
        func keys(_ mapping: JSONValue?) -> [String] {
            (mapping?["properties"]?.objectValue ?? []).map(\.key).sorted()
        }
        #expect(keys(config["scrape_configs"]?["items"]) == KnownKeys.job.sorted())
        #expect(keys(config["global"]) == KnownKeys.global.sorted())
    }
}
