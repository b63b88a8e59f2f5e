import Testing
import WeirConfig
import WeirJSON

/// What `weir convert prometheus` writes, run by itself, gives what `weir run --prometheus` gives.
@Suite struct PrometheusConversionTests {
    /// Both ways to each component's settings, and the conversion's text.
    private func check(_ text: String, name: String = "prometheus.yml") throws -> String {
        let direct = loadPrometheus([(name, text)])
        let first = try #require(direct.configuration, "\(direct.text)")
        let conversion = convert(name, text)
        #expect(conversion.notes == direct.notes)
        let written = try #require(conversion.text)
        let converted = loadPrometheus([("weir.yaml", written)])
        let second = try #require(converted.configuration, "\(converted.text)\n\(written)")
        #expect(second.components.map(\.settings) == first.components.map(\.settings), "\(written)")
        #expect(second.components.map(\.id) == first.components.map(\.id))
        #expect(
            second.pipelines.map { "\($0.inputs) \($0.outputs)" }
                == first.pipelines.map { "\($0.inputs) \($0.outputs)" })
        #expect(second.warnings.isEmpty, "\(converted.text)")
        return written
    }

    @Test func theTextIsWhatAPersonWouldWrite() throws {
        let text = try check(
            """
            global:
              scrape_interval: 15s
              evaluation_interval: 15s
              external_labels: {cluster: eu, replica: '${HOST}'}
            rule_files: [rules.yml]
            scrape_configs:
              - job_name: node
                honor_labels: yes
                static_configs:
                  - targets: ['node:9100']
                    labels: {version: 1.0}
                relabel_configs:
                  - source_labels: [__meta_kubernetes_pod_ip]
                    target_label: __address__
                    regex: true
                    replacement: '${1}:8080'
                  - replacement: ${PORT}
            remote_write:
              - url: https://example.com/push
                name: main
            """)
        #expect(
            text == """
                # A configuration of Weir that does what prometheus.yml does; written by
                # `weir convert prometheus`.
                #
                # Left out:
                # - rule_files (line 5): Weir evaluates no rules: leave them with the Prometheus, or with \
                what else receives the data
                # - global.evaluation_interval (line 3): it is about rules
                receivers:
                  prometheus:
                    config:
                      global:
                        scrape_interval: 15s
                      scrape_configs:
                        - job_name: node
                          honor_labels: true
                          static_configs:
                            - targets:
                                - node:9100
                              labels:
                                version: "1.0"
                          relabel_configs:
                            - source_labels:
                                - "__meta_kubernetes_pod_ip"
                              target_label: "__address__"
                              regex: "true"
                              replacement: "${1}:8080"
                            - replacement: "$${PORT}"
                sinks:
                  prometheusremotewrite/main:
                    endpoint: https://example.com/push
                    external_labels:
                      cluster: eu
                      replica: "${env:HOST:-}"
                    timeout: 30s
                    follow_redirects: true
                    send_exemplars: false
                    send_native_histograms: false
                    queue_config:
                      min_backoff: 30ms
                      max_backoff: 5s
                    retry_on_failure:
                      max_elapsed_time: 0s
                service:
                  pipelines:
                    metrics:
                      receivers:
                        - prometheus
                      sinks:
                        - prometheusremotewrite/main

                """)
    }

    @Test func otherFilesBecomeAPartOfIt() throws {
        let text = try check(
            "scrape_config_files: ['jobs/*.yml']\nscrape_configs: [{job_name: own}]",
            name: "/etc/prometheus/prometheus.yml")
        #expect(text.contains("# - /etc/prometheus/jobs/a.yml\n# - /etc/prometheus/jobs/b.yml\n"))
        #expect(text.contains("- /etc/prometheus/jobs/targets.json\n"))
        #expect(
            text.contains("endpoint: \"127.0.0.1:9464\"\n")
                || text.contains("endpoint: 127.0.0.1:9464\n"))
    }

    @Test(arguments: [
        ("basic_auth: {username: a, password: b}", true), ("bearer_token: a", true),
        ("basic_auth: {username: a, password_file: b}", false), ("metrics_path: /a", false),
        ("http_headers: {X-A: {secrets: [a]}}", true),
        ("static_configs: [{targets: ['http://u:p@a/']}]", true),
    ]) func itSaysWhetherThereAreSecrets(_ line: String, _ expected: Bool) {
        let text = "scrape_configs:\n  - job_name: a\n    \(line)\n"
        #expect(convert("prometheus.yml", text).holdsSecrets == expected)
    }

    @Test func aWrongFileIsNotConverted() {
        let conversion = convert("prometheus.yml", "scrape_config: []")
        #expect(conversion.text == nil)
        #expect(conversion.diagnostics.map(\.code) == [.unknownSection])
        #expect(convert("prometheus.yml", "a: [").text == nil)
        #expect(convert("prometheus.yml", "- a").text == nil)
    }

    /// Text made of whatever YAML and variables could trip over survives both ways, wherever it
    /// stands.
    @Test func anyTextSurvives() throws {
        let pieces = [
            "$", "$$", "${", "}", "1", "HOST", "env:", "file:", ":-", "true", "null", "~", "1.0",
            "'", "\"", "\\", ": ", " #", "- ", "\n", "\t", "[", "{", "&a", "*a", "!x", "|", ">",
            "%",
            "@", "`", "ü", "😀", "\u{85}", "\u{2028}", "\u{7F}", " ", "0x1F", "yes", "<<", "=",
        ]
        var random = Random(state: 42)
        for _ in 0..<20 {
            let texts = (0..<20).map { _ in
                (0..<Int.random(in: 1...6, using: &random)).map { _ in
                    pieces[Int.random(in: 0..<pieces.count, using: &random)]
                }.joined()
            }
            let rules = texts.map {
                JSONValue.object([
                    JSONMember("regex", .string($0)),
                    JSONMember("source_labels", .array([.string($0)])),
                ])
            }
            let config = JSONValue.object([
                JSONMember(
                    "scrape_configs",
                    .array([
                        .object([
                            JSONMember("job_name", .string("a")),
                            JSONMember(
                                "params",
                                .object(
                                    texts.enumerated().map {
                                        JSONMember("p\($0.offset)", .array([.string($0.element)]))
                                    })),
                            JSONMember("relabel_configs", .array(rules)),
                        ])
                    ]))
            ])
            // JSON is YAML, but for what libyaml does not read unescaped.
            let text = config.serialized().replacing("\u{7F}", with: "\\u007f")
                .replacing("\u{85}", with: "\\u0085").replacing("\u{2028}", with: "\\u2028")
            _ = try check(text)
            let direct = try #require(loadPrometheus([("prometheus.yml", text)]).configuration)
            let job = direct.components[0].settings["config"]?["scrape_configs"]?.arrayValue?.first
            let read = job?["relabel_configs"]?.arrayValue?.map { $0["regex"]?.stringValue }
            #expect(read == texts)
        }
    }
}

private struct Random: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return (state >> 33) ^ (state << 31)
    }
}
