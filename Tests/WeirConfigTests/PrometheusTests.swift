import Testing
import WeirConfig
import WeirJSON

@Suite struct PrometheusTests {
    private func settings(
        _ text: String, _ more: (String, String)..., name: String = "prometheus.yml"
    ) throws -> Configuration {
        let outcome = loadPrometheus([(name, text)] + more)
        return try #require(outcome.configuration, "\(outcome.text)")
    }

    private func job(_ lines: String) throws -> JSONValue {
        let configuration = try settings("scrape_configs:\n  - job_name: a\n    \(lines)\n")
        let receiver = configuration.component(.receiver, ComponentID(type: "prometheus"))
        let config = try #require(receiver?.settings["config"])
        return try #require(config["scrape_configs"]?.arrayValue?.first)
    }

    @Test func itBecomesAReceiverSinksAndAPipeline() throws {
        let configuration = try settings(
            """
            global:
              scrape_interval: 15s
              evaluation_interval: 15s
              external_labels: {cluster: 'eu', zone: $HOST, n: 1}
            scrape_configs:
              - job_name: node
                static_configs: [{targets: ['a:9100', b:9100]}]
            remote_write:
              - url: https://one.example.com/api/v1/push
                headers: {X-Scope-OrgID: 1}
                queue_config: {capacity: 2_500}
              - url: http://two.example.com/write
                name: the second
                send_exemplars: yes
            """)
        #expect(configuration.dialect == .weir)
        #expect(configuration.warnings.isEmpty)
        let ids = configuration.components.map { "\($0.kind) \($0.id)" }
        #expect(
            ids == [
                "receiver prometheus", "sink prometheusremotewrite/1",
                "sink prometheusremotewrite/the-second",
            ])
        #expect(
            configuration.components[0].settings
                == json(
                    """
                    {"config": {"global": {"scrape_interval": 15000000000,
                      "scrape_timeout": 10000000000}, "scrape_configs": [{"job_name": "node",
                      "metrics_path": "/metrics", "scheme": "http", "honor_labels": false,
                      "static_configs": [{"targets": ["a:9100", "b:9100"]}]}]}}
                    """))
        let labels = json(#"{"cluster": "eu", "zone": "db.internal", "n": "1"}"#)
        let sink = configuration.components[1].settings
        #expect(sink["endpoint"] == .string("https://one.example.com/api/v1/push"))
        #expect(sink["external_labels"] == labels)
        #expect(sink["headers"] == json(#"{"X-Scope-OrgID": "1"}"#))
        #expect(sink["queue_config"]?["capacity"] == .integer(2500))
        // What Prometheus does where nothing is written.
        #expect(sink["timeout"] == .integer(30_000_000_000))
        #expect(sink["follow_redirects"] == .bool(true))
        #expect(sink["send_exemplars"] == .bool(false))
        #expect(sink["send_native_histograms"] == .bool(false))
        #expect(sink["queue_config"]?["min_backoff"] == .integer(30_000_000))
        #expect(sink["queue_config"]?["max_backoff"] == .integer(5_000_000_000))
        #expect(sink["retry_on_failure"]?["max_elapsed_time"] == .integer(0))
        #expect(configuration.components[2].settings["send_exemplars"] == .bool(true))
        #expect(configuration.components[2].settings["external_labels"] == labels)
        #expect(configuration.components[0].location.description == "prometheus.yml:5:1")
        #expect(configuration.components[2].location.description == "prometheus.yml:12:5")
        #expect(configuration.pipelines.map(\.id.description) == ["metrics"])
        #expect(
            configuration.pipelines[0].outputs.map(\.id.description)
                == ["prometheusremotewrite/1", "prometheusremotewrite/the-second"])
    }

    @Test(arguments: [
        ("remote_timeout: 1m", "timeout", "60000000000"),
        ("remote_timeout: 1d", "timeout", "86400000000000"),
        ("follow_redirects: no", "follow_redirects", "false"),
        ("proxy_url: http://proxy:3128", "proxy_url", #""http://proxy:3128""#),
        (
            "protobuf_message: io.prometheus.write.v2.Request", "send_native_histograms", "true"
        ),
        ("send_native_histograms: true", "send_native_histograms", "true"),
        (
            "basic_auth: {username: 7, password_file: p}", "auth",
            #"{"basic": {"username": "7", "password_file": "conf/p"}}"#
        ),
        (
            "authorization: {type: Token, credentials: a}", "auth",
            #"{"authorization": {"type": "Token", "credentials": "a"}}"#
        ),
        (
            "bearer_token: a", "auth",
            #"{"authorization": {"type": "Bearer", "credentials": "a"}}"#
        ),
        (
            "bearer_token_file: t", "auth",
            #"{"authorization": {"type": "Bearer", "credentials_file": "conf/t"}}"#
        ),
        (
            "tls_config: {ca_file: ca, server_name: s, insecure_skip_verify: on, min_version: TLS13}",
            "tls",
            """
            {"ca_file": "conf/ca", "server_name_override": "s", "insecure_skip_verify": true,
             "min_version": "1.3"}
            """
        ),
        ("http_headers: {X-A: {values: [b]}}", "headers", #"{"X-A": "b"}"#),
        (
            "http_headers: {X-A: {secrets: [b]}}\n    headers: {X-B: c}", "headers",
            #"{"X-B": "c", "X-A": "b"}"#
        ),
        (
            "queue_config: {min_backoff: 1s}", "queue_config",
            """
            {"capacity": 10000, "max_shards": 50, "min_backoff": 1000000000,
             "max_backoff": 5000000000, "batch_send_deadline": 5000000000}
            """
        ),
        (
            "metadata_config: {send: off, send_interval: 2m}", "metadata_config",
            #"{"send": false, "send_interval": 120000000000}"#
        ),
    ]) func remoteWritesAreTranslated(
        _ written: String, _ key: String, _ expected: String
    ) throws {
        let configuration = try settings(
            """
            scrape_configs: [{job_name: a}]
            remote_write:
              - url: http://a/
                \(written)
            """, name: "conf/prometheus.yml")
        #expect(configuration.components[1].settings[key] == json("[\(expected)]").arrayValue?[0])
        #expect(configuration.warnings.isEmpty)
    }

    @Test(arguments: [
        ("[{url: 'http://a/'}]", ["prometheusremotewrite"]),
        ("[{url: 'http://a/', name: x}]", ["prometheusremotewrite/x"]),
        (
            "[{url: 'http://a/'}, {url: 'http://b/'}]",
            ["prometheusremotewrite/1", "prometheusremotewrite/2"]
        ),
        (
            "[{url: 'http://a/', name: 2}, {url: 'http://b/'}]",
            ["prometheusremotewrite/2", "prometheusremotewrite/2-"]
        ),
    ]) func remoteWritesHaveNames(_ writes: String, _ expected: [String]) throws {
        let configuration = try settings(
            "scrape_configs: [{job_name: a}]\nremote_write: \(writes)")
        let sinks = configuration.components.filter { $0.kind == .sink }
        #expect(sinks.map(\.id.description) == expected)
    }

    @Test func withoutRemoteWriteItServesAndSaysSo() {
        let outcome = loadPrometheus([
            ("prometheus.yml", "scrape_configs: [{job_name: a}, {job_name: b}]")
        ])
        let sink = outcome.configuration?.component(.sink, ComponentID(type: "prometheus"))
        #expect(sink?.settings == json(#"{"endpoint": "127.0.0.1:9464"}"#))
        #expect(
            outcome.notes == [
                "prometheus.yml: scrapes 2 jobs: a, b",
                "prometheus.yml: there is no remote_write, so what is scraped is served on "
                    + "http://127.0.0.1:9464/metrics; another sink or address: --config FILE",
            ])
        #expect(outcome.text == "")
    }

    /// Notes say what is, not what the prometheus.yml alone would do.
    @Test(arguments: [
        ("", "sinks: {prometheus: {endpoint: ':9999'}}", "is served on :9999, path /metrics"),
        ("", "service: {}", "served on http://127.0.0.1:9464/metrics;"),
        ("http://u:p@a/w", "service: {}", "'prometheusremotewrite' sends to http://"),
        (
            "http://a/w", "sinks: {prometheusremotewrite: {endpoint: 'http://b/w'}}",
            "'prometheusremotewrite' sends to http://b/w"
        ),
        (
            "http://a/w", "sinks: {debug: }\nservice: {pipelines: {metrics: {sinks: [debug]}}}",
            "'prometheusremotewrite' sends nothing: the pipeline lists other sinks"
        ),
    ]) func notesKnowTheOverlay(_ url: String, _ overlay: String, _ says: String) {
        let write = url.isEmpty ? "" : "\nremote_write: [{url: '\(url)'}]"
        let outcome = loadPrometheus([
            ("prometheus.yml", "scrape_configs: [{job_name: a}]" + write), ("weir.yaml", overlay),
        ])
        #expect(outcome.configuration != nil, "\(outcome.text)")
        #expect(outcome.notes.last?.contains(says) == true, "\(outcome.notes)")
        #expect(!outcome.notes.joined().contains("u:p@"))
    }

    @Test(arguments: [
        // A sink of one's own, in either dialect, instead.
        (
            "sinks: {debug: }\nservice: {pipelines: {metrics: {sinks: [debug]}}}", "sink debug",
            Dialect.weir
        ),
        (
            "exporters: {debug: }\nservice: {pipelines: {metrics: {exporters: [debug]}}}",
            "sink debug", .collector
        ),
        // Another address.
        ("sinks: {prometheus: {endpoint: ':9999'}}", "sink prometheus", .weir),
    ]) func aSecondFileSaysWhereTo(_ text: String, _ sink: String, _ dialect: Dialect) throws {
        let configuration = try settings(
            "scrape_configs: [{job_name: a, params: {x: ['$$']}}]", ("weir.yaml", text))
        let ids = configuration.components.map { "\($0.kind) \($0.id)" }
        #expect(ids == ["receiver prometheus", sink])
        #expect(configuration.dialect == dialect)
        #expect(configuration.warnings.isEmpty)
        let config = configuration.components[0].settings["config"]
        let params = config?["scrape_configs"]?.arrayValue?.first?["params"]
        #expect(params == json(#"{"x": ["$$"]}"#))
        if sink == "sink prometheus" {
            #expect(configuration.components[1].settings["endpoint"] == .string(":9999"))
        }
    }

    /// What Prometheus reads as text is text, and no variable is one.
    @Test(arguments: [
        ("regex: true", "regex", "true"), ("regex: 1.0", "regex", "1.0"),
        ("regex: 0x1F", "regex", "0x1F"), ("replacement: 8080", "replacement", "8080"),
        ("replacement: $1", "replacement", "$1"),
        ("replacement: '${1}:8080'", "replacement", "${1}:8080"),
        ("replacement: $1:$2", "replacement", "$1:$2"), ("replacement: $$", "replacement", "$$"),
        ("replacement: ${PORT}", "replacement", "${PORT}"),
        ("replacement: ${env:HOST}", "replacement", "${env:HOST}"),
        ("replacement: $${HOST}", "replacement", "$${HOST}"),
        (
            "replacement: '${file:/run/secrets/password}'", "replacement",
            "${file:/run/secrets/password}"
        ),
        ("regex: '(?:a|$)'", "regex", "(?:a|$)"), ("regex: ~", "regex", "(.*)"),
        ("regex: ", "regex", "(.*)"), ("regex: yes", "regex", "yes"),
        ("separator: ''", "separator", ""), ("separator: /", "separator", "/"),
    ]) func textIsText(_ written: String, _ key: String, _ expected: String) throws {
        let job = try job(
            "relabel_configs: [{source_labels: [__address__]}]\n    metric_relabel_configs:\n      - \(written)"
        )
        let rule = try #require(job["metric_relabel_configs"]?.arrayValue?.first)
        #expect(rule[key] == .string(expected))
    }

    @Test(arguments: [
        ("honor_labels: yes", "honor_labels", JSONValue.bool(true)),
        ("honor_labels: Off", "honor_labels", .bool(false)),
        ("honor_labels: true", "honor_labels", .bool(true)),
        ("honor_labels: ", "honor_labels", .bool(false)),
        ("sample_limit: 10_000", "sample_limit", .integer(10_000)),

        ("scrape_interval: 1d", "scrape_interval", .integer(86_400_000_000_000)),
        ("scrape_interval: 1h30m15s500ms", "scrape_interval", .integer(5_415_500_000_000)),
        ("body_size_limit: 10MB", "body_size_limit", .integer(10 << 20)),
        (
            "params: {module: [http_2xx, 1, true]}", "params",
            json(#"{"module": ["http_2xx", "1", "true"]}"#)
        ),
        (
            "static_configs: [{targets: [1:2, a], labels: {version: 1.10, on: yes, none: }}]",
            "static_configs",
            json(#"[{"targets": ["1:2", "a"], "labels": {"version": "1.10", "on": "yes"}}]"#)
        ),
        ("metrics_path: /probe", "metrics_path", .string("/probe")),
        (
            "basic_auth: {username: 1, password: 0123}", "basic_auth",
            json(#"{"username": "1", "password": "0123"}"#)
        ),
    ]) func valuesMeanWhatTheyMeanThere(
        _ written: String, _ key: String, _ expected: JSONValue
    ) throws {

        #expect(try job(written)[key] == expected)
    }

    @Test(arguments: [
        ("/etc/prometheus/prometheus.yml", "/etc/prometheus/"), ("prometheus.yml", ""),
        ("./prometheus.yml", ""), ("conf/prometheus.yml", "conf/"), ("/prometheus.yml", "/"),
        ("../prometheus.yml", "../"),
    ]) func relativePathsBeginAtTheFile(_ name: String, _ folder: String) throws {
        let configuration = try settings(
            """
            scrape_configs:
              - job_name: a
                bearer_token_file: token
                basic_auth: {password_file: ./secret/p}
                tls_config: {ca_file: /abs/ca.crt}
                file_sd_configs: [{files: ['targets/*.json', /abs/x.yml]}]
                http_headers: {X-A: {files: [h], values: [v]}}
                static_configs: [{targets: [a:1], labels: {config_file: x.yml}}]
                params: {some_file: [a]}
            """, name: name)
        let config = configuration.components[0].settings["config"]
        let job = try #require(config?["scrape_configs"]?.arrayValue?.first)
        #expect(job["bearer_token_file"] == .string(folder + "token"))
        #expect(job["basic_auth"]?["password_file"] == .string(folder + "secret/p"))
        #expect(job["tls_config"]?["ca_file"] == .string("/abs/ca.crt"))
        let files = job["file_sd_configs"]?.arrayValue?.first?["files"]
        #expect(files == .array([.string(folder + "targets/*.json"), .string("/abs/x.yml")]))
        let header = job["http_headers"]?["X-A"]
        #expect(header?["files"] == .array([.string(folder + "h")]))
        #expect(header?["values"] == .array([.string("v")]))
        let labels = job["static_configs"]?.arrayValue?.first?["labels"]
        #expect(labels?["config_file"] == .string("x.yml"))
        #expect(job["params"]?["some_file"] == .array([.string("a")]))
    }

    @Test func otherFilesAddTheirJobs() throws {
        let configuration = try settings(
            """
            scrape_config_files: ['jobs/*.yml', /etc/prometheus/jobs/b.yml]
            scrape_configs: [{job_name: own}]
            """.replacing(", /etc/prometheus/jobs/b.yml", with: ""),
            name: "/etc/prometheus/prometheus.yml")
        let config = configuration.components[0].settings["config"]
        let jobs = try #require(config?["scrape_configs"]?.arrayValue)
        #expect(jobs.map { $0["job_name"]?.stringValue } == ["own", "included", "second"])
        let files = jobs[1]["file_sd_configs"]?.arrayValue?.first?["files"]
        #expect(files == .array([.string("/etc/prometheus/jobs/targets.json")]))
    }

    /// As Go's `os.Expand` has it; HOST is set, the others are not.
    @Test(arguments: [
        ("plain", "plain"), ("${HOST}", "db.internal"), ("$HOST", "db.internal"),
        ("a-$HOST-b", "a-db.internal-b"), ("a$HOST.b", "adb.internal.b"), ("$$", "$"),
        ("$$HOST", "$HOST"), ("$${HOST}", "${HOST}"), ("$NOT_SET", ""), ("a${NOT_SET}b", "ab"),
        ("$1x", "x"), ("${1}x", "x"), ("a$", "a$"), ("$ a", "$ a"), ("$-x", "x"), ("${}", ""),
        ("${HOST", "HOST"), ("${env:HOST}", ""), ("$$$HOST", "$db.internal"),
        ("${HOST}${PORT}", "db.internal5433"), ("${TRUE}", "true"), ("$$$${HOST}", "$${HOST}"),
        ("${file:/run/secrets/password}", ""),
    ]) func externalLabelsHaveVariables(_ written: String, _ expected: String) throws {
        let text = """
            global: {external_labels: {a: '\(written)'}}
            scrape_configs: [{job_name: a}]
            remote_write: [{url: 'http://a/'}]
            """
        let configuration = try settings(text)
        let labels = configuration.components[1].settings["external_labels"]
        #expect(labels?["a"] == .string(expected))
        // What is written out reads the environment when it runs.
        let written = try #require(convert("prometheus.yml", text).text)
        let second = try settings("scrape_configs: []", ("weir.yaml", written))
        let again = second.component(.sink, ComponentID(type: "prometheusremotewrite"))
        #expect(again?.settings["external_labels"]?["a"] == .string(expected))
    }
}
