import Foundation
import Testing
import WeirConfig
import WeirJSON

/// Whole files of the kinds that people have, in `Golden/prometheus/*.yml`: they load, they say what they
/// leave out, and converted they are the same.
@Suite struct PrometheusFileTests {
    struct File: Sendable, CustomTestStringConvertible {
        var name: String
        var jobs: [String]
        /// Keys that have no effect, in the order of the file.
        var leftOut: [String] = []
        var sinks = ["prometheus"]

        var testDescription: String { name }
    }

    static let files = [
        File(
            name: "kubernetes-services",
            jobs: [
                "kubernetes-apiservers", "kubernetes-nodes", "hsm-adapter", "postgresql", "vault",
            ], leftOut: ["global.external_labels", "alerting", "rule_files"]),
        File(
            name: "annotated-pods", jobs: ["prometheus", "node", "application"],
            leftOut: ["alerting", "rule_files"], sinks: ["prometheusremotewrite"]),
        File(
            name: "gateway", jobs: ["auth-service", "services", "istio"],
            sinks: ["prometheusremotewrite/prod", "prometheusremotewrite/2"]),
        File(
            name: "blackbox", jobs: ["prometheus", "backend-api", "blackbox", "kubernetes-pods"],
            leftOut: ["alerting", "rule_files", "storage"]),
        File(name: "minimal", jobs: ["prometheus", "api"], leftOut: ["alerting"]),
    ]

    static func text(_ name: String) throws -> String {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
        return try String(
            contentsOf: folder.appending(path: "Golden/prometheus/\(name).yml"), encoding: .utf8)
    }

    private func jobs(_ outcome: ConfigurationOutcome) throws -> [JSONValue] {
        let configuration = try #require(outcome.configuration, "\(outcome.text)")
        let receiver = configuration.component(.receiver, ComponentID(type: "prometheus"))
        return try #require(receiver?.settings["config"]?["scrape_configs"]?.arrayValue)
    }

    private func load(
        _ name: String, environment: [String: String] = [:],
        catalog: ComponentCatalog = prometheusCatalog
    ) throws -> ConfigurationOutcome {
        let source = ConfigurationSource(
            name: "/etc/prometheus/prometheus.yml", contents: Array(try Self.text(name).utf8),
            language: .prometheus)
        return loadConfiguration(
            [source], catalog: catalog, environment: { environment[$0] },
            readFile: readIncluded, matchingFiles: matching)
    }

    @Test(arguments: files) func itLoadsAndSaysWhatItDoes(_ file: File) throws {
        let outcome = try load(file.name, environment: ["DEPLOYMENT": "live"])
        #expect(try jobs(outcome).compactMap { $0["job_name"]?.stringValue } == file.jobs)
        #expect(outcome.diagnostics.map(\.path) == file.leftOut)
        #expect(outcome.diagnostics.allSatisfy { $0.code == .noEffect })
        let count = file.jobs.count
        let names = file.jobs.joined(separator: ", ")
        #expect(
            outcome.notes.first
                == "/etc/prometheus/prometheus.yml: scrapes \(count) jobs: \(names)")
        let sinks = outcome.configuration?.components.filter { $0.kind == .sink }
        #expect(sinks?.map(\.id.description) == file.sinks)
    }

    @Test(arguments: files) func convertedItIsTheSame(_ file: File) throws {
        let direct = try load(file.name, environment: ["DEPLOYMENT": "live"])
        let conversion = convertPrometheus(
            ConfigurationSource(
                name: "/etc/prometheus/prometheus.yml",
                contents: Array(try Self.text(file.name).utf8), language: .prometheus),
            environment: { _ in nil }, readFile: readIncluded, matchingFiles: matching)
        let text = try #require(conversion.text)
        let converted = loadConfiguration(
            [ConfigurationSource(name: "weir.yaml", contents: Array(text.utf8))],
            catalog: prometheusCatalog,
            environment: { $0 == "DEPLOYMENT" ? "live" : nil }, readFile: readIncluded)
        let (first, second) = (direct.configuration, converted.configuration)
        #expect(second?.components.map(\.settings) == first?.components.map(\.settings))
        #expect(second?.pipelines.map(\.outputs) == first?.pipelines.map(\.outputs))
        #expect(second != nil && converted.text == "", "\(converted.text)")
        for key in file.leftOut where !key.hasPrefix("global.") {
            #expect(text.contains("# - \(key) (line "))
        }
    }

    @Test func referencesAndExpressionsSurvive() throws {
        let services = try jobs(load("kubernetes-services"))
        #expect(
            services[2]["relabel_configs"]?.arrayValue?[1]["replacement"] == .string("${1}:8080"))
        #expect(services[1]["relabel_configs"]?.arrayValue?[0]["action"] == .string("labelmap"))
        #expect(
            services[0]["bearer_token_file"]
                == .string("/var/run/secrets/kubernetes.io/serviceaccount/token"))
        let pods = try jobs(load("annotated-pods"))
        #expect(pods[2]["relabel_configs"]?.arrayValue?[0]["regex"] == .string("true"))
        let rules = try #require(try jobs(load("blackbox"))[3]["relabel_configs"]?.arrayValue)
        #expect(rules[0]["regex"] == .string("true"))
        #expect(rules[2]["regex"] == .string(#"([^:]+)(?::\d+)?;(\d+)"#))
        #expect(rules[2]["replacement"] == .string("$1:$2"))
        let minimal = try jobs(load("minimal"))
        #expect(
            minimal[1]["file_sd_configs"]?.arrayValue?[0]["files"]
                == .array([.string("/etc/prometheus/targets/*.json")]))
    }

    @Test func labelsAndWhereToGoWithTheWrites() throws {
        let configuration = try #require(
            try load("gateway", environment: ["DEPLOYMENT": "live"]).configuration)
        let sinks = configuration.components.filter { $0.kind == .sink }.map(\.settings)
        for sink in sinks {
            #expect(
                sink["external_labels"] == json(#"{"environment": "live", "cluster": "prod"}"#))
        }
        #expect(sinks[0]["auth"]?["basic"]?["username"] == .string("1234"))
        #expect(
            sinks[0]["auth"]?["basic"]?["password_file"]
                == .string("/etc/prometheus/secrets/push"))
        #expect(sinks[1]["timeout"] == .integer(60_000_000_000))
    }

    /// The same block in a Collector's file needs `$$`, and gives the same settings.
    @Test(arguments: ["kubernetes-services", "blackbox"])
    func theCollectorWritesTwoDollars(_ name: String) throws {
        let text = try Self.text(name)
        let start = try #require(text.firstRange(of: "scrape_configs:")).lowerBound
        let end = text.firstRange(of: "\nstorage:")?.lowerBound ?? text.endIndex
        let block = text[start..<end].replacing("$", with: "$$")
            .split(separator: "\n", omittingEmptySubsequences: false)
            .map { "      \($0)" }.joined(separator: "\n")
        let interval = "\n      global: {scrape_interval: 15s, scrape_timeout: 10s}\n"
        let collector = """
            exporters: {debug: }
            service: {pipelines: {metrics: {receivers: [prometheus], exporters: [debug]}}}
            receivers:
              prometheus:
                config:\(interval)\(block)
            """
        let outcome = loadPrometheus([("otelcol.yaml", collector)])
        #expect(outcome.configuration?.dialect == .collector)
        #expect(try jobs(outcome) == jobs(load(name)))
        // Weir's own dialect takes both `$1` and `$$`, so there it is written as in Prometheus.
        let weir = collector.replacing("$$", with: "$").replacing("exporters", with: "sinks")
        #expect(try jobs(loadPrometheus([("weir.yaml", weir)])) == jobs(load(name)))
    }

    /// `Plugins/Prometheus/plugin.json`.
    private func plugin() throws -> [JSONValue] {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let bytes = try Data(contentsOf: root.appending(path: "Plugins/Prometheus/plugin.json"))
        let plugin = try JSONValue(parsing: String(decoding: bytes, as: UTF8.self))
        return try #require(plugin["components"]?.arrayValue)
    }

    @Test(arguments: files) func theRealReceiverTakesIt(_ file: File) throws {
        let receiver = try #require(
            try plugin().first {
                $0["kind"] == .string("receiver") && $0["type"] == .string("prometheus")
            })
        var catalog = prometheusCatalog
        catalog.components[0].schema = try #require(receiver["settings"])
        let outcome = try load(file.name, environment: ["DEPLOYMENT": "live"], catalog: catalog)
        #expect(outcome.diagnostics.map(\.path) == file.leftOut, "\(outcome.text)")
        #expect(try jobs(outcome).compactMap { $0["job_name"]?.stringValue } == file.jobs)
    }

    /// What is no text to a component must be none to the dialect, for the keys that a prometheus.yml
    /// can have.
    @Test func theRealSchemasAgreeAboutTypes() throws {
        for component in try plugin() {
            let name =
                "\(component["kind"]?.stringValue ?? "") \(component["type"]?.stringValue ?? "")"
            let sections: [String]
            switch name {
            case "receiver prometheus": sections = ["config"]
            case "sink prometheusremotewrite": sections = Self.remoteWriteKeys
            default: continue
            }
            let schema = try #require(component["settings"])
            for row in optionRows(schema) {
                let steps = row.key.replacing("[]", with: "").split(separator: ".").map(String.init)
                guard sections.contains(steps[0]), let key = steps.last, !key.hasPrefix("<") else {
                    continue
                }
                let parent = steps.count > 1 ? steps[steps.count - 2] : ""
                switch row.type {
                case "boolean":
                    #expect(PrometheusKeys.isBoolean(key, in: parent), "\(name): \(row.key)")
                case "integer", "number":
                    #expect(PrometheusKeys.numbers.contains(key), "\(name): \(row.key)")
                case "any": continue
                default:
                    #expect(!PrometheusKeys.isBoolean(key, in: parent), "\(name): \(row.key)")
                    #expect(!PrometheusKeys.numbers.contains(key), "\(name): \(row.key)")
                }
            }
        }
    }

    private static let remoteWriteKeys = [
        "remote_timeout", "headers", "write_relabel_configs", "name", "send_exemplars",
        "send_native_histograms", "round_robin_dns", "protobuf_message", "basic_auth",
        "authorization", "bearer_token", "bearer_token_file", "tls_config", "proxy_url",
        "no_proxy", "proxy_from_environment", "proxy_connect_header", "follow_redirects",
        "enable_http2", "http_headers", "queue_config", "metadata_config",
    ]
}
