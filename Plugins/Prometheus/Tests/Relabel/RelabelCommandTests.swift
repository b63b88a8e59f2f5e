import Testing
import WeirSDK
import WeirTestKit

@testable import PrometheusPlugin

struct RelabelCommandTests {
    private static let config = #"""
        {"global":{"scrape_interval":"5s"},"scrape_configs":[
          {"job_name":"api","params":{"format":["prometheus"]},
           "relabel_configs":[
             {"source_labels":["app"],"action":"keep","regex":"web"},
             {"source_labels":["__meta_ip"],"target_label":"__address__",
              "replacement":"${1}:8080"}],
           "metric_relabel_configs":[{"regex":"code","action":"labeldrop"}]},
          {"job_name":"db"}]}
        """#

    private func run(
        _ arguments: [String], config: String = RelabelCommandTests.config, input: String = ""
    ) throws -> CommandResult {
        let folder = try TemporaryFolder()
        try folder.write(config, to: "c.yml")
        return try FakeHost().run(
            plugin, command: "relabel",
            arguments.map { $0.replacing("FILE", with: folder.path + "/c.yml") },
            input: Array(input.utf8))
    }

    @Test func eachRuleIsToldOf() throws {
        let result = try run(
            ["--config", "FILE", "--job=api", #"{app="web", __meta_ip="10.0.0.1"}"#])
        #expect(result.status == 0)
        #expect(
            result.output == #"""
                job api, relabel_configs
                  {__meta_ip="10.0.0.1", __metrics_path__="/metrics", __param_format="prometheus", __scheme__="http", __scrape_interval__="5s", __scrape_timeout__="5s", app="web", job="api"}
                  rule 1: keep [app] =~ web
                    "web" matches
                  rule 2: replace [__meta_ip] → __address__ = "${1}:8080"
                    "10.0.0.1" matches
                    + __address__="10.0.0.1:8080"
                  kept: {__address__="10.0.0.1:8080", __meta_ip="10.0.0.1", __metrics_path__="/metrics", __param_format="prometheus", __scheme__="http", __scrape_interval__="5s", __scrape_timeout__="5s", app="web", job="api"}


                """#)
    }

    @Test func whatIsDroppedSetsTheStatus() throws {
        let result = try run(
            ["--config", "FILE", "--job", "api"], input: "{app=\"db\"}\n\n{app=\"web\"}\n")
        #expect(result.status == 2)
        #expect(result.output.contains("\"db\" does not match\n  dropped by rule 1\n"))
        #expect(result.output.contains("kept: {"))
    }

    @Test func aSeriesGoesThroughTheRulesForMetrics() throws {
        let result = try run([
            "--config", "FILE", "--job", "api", "--json", "--metric",
            #"up{code="200", job="x"}"#, #"{app="web",__meta_ip="h"}"#,
        ])
        #expect(result.status == 0)
        #expect(
            result.output.hasSuffix(
                #""output":{"__name__":"up","app":"web","exported_job":"x","instance":"h:8080","job":"api"}}"#
                    + "\n"), "\(result.output)")
    }

    @Test func rulesMayStandAlone() throws {
        let result = try run(
            ["FILE", "a{b='1'}"], config: #"[{"regex":"b","action":"labeldrop"}]"#)
        #expect(result.output.hasSuffix("    - b=\"1\"\n  kept: {__name__=\"a\"}\n\n"))
    }

    @Test func settingsOfWeirHaveDoubledDollars() throws {
        let result = try run(
            ["--config", "FILE", #"{a="1"}"#],
            config: #"""
                {"receivers":{"prometheus":{"config":{"scrape_configs":[{"job_name":"j",
                  "relabel_configs":[{"source_labels":["a"],"target_label":"b",
                    "replacement":"$${1}x"}]}]}}}}
                """#)
        #expect(result.output.contains("+ b=\"1x\""))
    }

    @Test(
        arguments: [
            (["--config", "FILE", "{}"], 1, "say which job with --job: api, db"),
            (
                ["--config", "FILE", "--job", "x", "{}"], 1,
                "found no job x, expected one of api, db"
            ),
            (["--config", "/none.yml", "{}"], 1, "/none.yml cannot be read: No such file"),
            (
                ["--config", "FILE", "--job", "db", "{a=1}"], 1,
                "found \"1}\", expected a text in quotes"
            ),
            (["--config", "FILE", "--job", "db", "{a='1'"], 1, "found the end, expected , or }"),
            (["{a='1'}"], 64, "found no rules"),
            (["--what"], 64, "unknown option --what"),
            (["FILE", "--job", "x"], 64, "found --job without --config"),
            (["FILE", "--remote-write", "x"], 64, "found --remote-write without --config"),
            (["--config", "FILE", "--remote-write", "x", "{}"], 1, "c.yml: found no remote_write"),
            (["FILE", "{}"], 1, "expected a list of rules; for the rules of a prometheus.yml"),
            (["--config", "FILE", "--job", "db"], 64, "found no labels, expected them as"),
            (["--config"], 64, "found nothing after --config"),
        ] as [([String], Int32, String)])
    func whatIsWrongIsSaid(_ arguments: [String], _ status: Int32, _ message: String) throws {
        let result = try run(arguments)
        #expect(result.status == status)
        #expect(result.errors.contains(message), "\(result.errors)")
    }

    @Test func aRuleThatMakesNoSenseIsNamed() throws {
        let result = try run(["FILE", "{}"], config: #"[{"action":"hashmod","target_label":"a"}]"#)
        #expect(result.status == 1)
        #expect(
            result.errors
                .hasSuffix("c.yml: rules[0].modulus: hashmod needs a modulus of at least 1\n"))
    }

    @Test func helpNamesTheStatus() throws {
        let result = try run(["--help"])
        #expect(result.status == 0)
        #expect(result.output.contains("2   at least one was dropped"))
    }
}
