import Testing
import WeirConfig
import WeirJSON

@Suite struct ConfigurationTests {
    /// The Collector's own quick-start file with two pipelines more.
    private let collectorFile = """
        receivers:
          otlp:
            protocols:
              grpc:
                endpoint: 0.0.0.0:4317
              http:
                endpoint: 0.0.0.0:4318
          prometheus:
            config:
              scrape_configs:
                - job_name: app
                  scrape_interval: 10s
                  static_configs: [{targets: ["localhost:9090"]}]
                  metric_relabel_configs:
                    - {source_labels: [__name__], regex: "(.*)", replacement: "$${1}"}
        processors:
          batch:
            timeout: 1s
        exporters:
          debug:
          otlp_grpc:
            endpoint: ${env:HOST}:4317
            headers: {x-scope: tenant-1, authorization: "Bearer ${env:TOKEN}"}
            tls: {insecure: true}
          otlp_http/backup:
            endpoint: https://example.com:4318
        connectors:
          spanmetrics:
        extensions:
          health_check:
        service:
          extensions: [health_check]
          telemetry:
            logs: {level: WARN, encoding: json, sampling: {enabled: true}}
            metrics:
              level: detailed
              readers:
                - pull: {exporter: {prometheus: {host: 0.0.0.0, port: 9999}}}
            resource: {service.name: edge}
          pipelines:
            traces:
              receivers: [otlp]
              processors: [batch]
              exporters: [otlp_grpc, otlp_http/backup, spanmetrics]
            metrics:
              receivers: [otlp, prometheus, spanmetrics]
              exporters: [debug]
            logs/app: {receivers: [otlp], exporters: [debug]}
        """

    @Test func pipelinesHaveSharesOfTheMemory() throws {
        let outcome = load(
            (
                "weir.yaml",
                """
                receivers: {otlp: {protocols: {grpc: }}}
                sinks: {debug: }
                service:
                  memory: {limit: 64MiB}
                  pipelines:
                    traces/a: {memory: {limit: 64MiB}, receivers: [otlp], sinks: [debug]}
                    metrics: {memory: {limit_percentage: 40}, receivers: [otlp], sinks: [debug]}
                    logs: {memory: {}, receivers: [otlp], sinks: [debug]}
                """
            ))
        let configuration = try #require(outcome.configuration, "\(outcome.text)")
        #expect(
            configuration.pipelines.map(\.memory)
                == [.init(limit: 64 << 20), .init(percentage: 40), nil])
    }

    @Test func aCollectorsFileRunsUnchanged() throws {
        let outcome = load(("otelcol.yaml", collectorFile))
        let configuration = try #require(outcome.configuration, "\(outcome.text)")
        #expect(configuration.warnings.map(\.path) == ["service.telemetry.logs.sampling"])
        #expect(configuration.dialect == .collector)
        let sinks = configuration.components.filter { $0.kind == .sink }
        #expect(sinks.map(\.id.description) == ["debug", "otlp_grpc", "otlp_http/backup"])
        #expect(sinks.map(\.type) == ["debug", "otlp", "otlphttp"])
        #expect(
            configuration.pipelines.map { pipeline in
                "\(pipeline.id): \(pipeline.inputs.map { "\($0.kind) \($0.id)" })"
                    + " \(pipeline.processors) \(pipeline.outputs.map { "\($0.kind) \($0.id)" })"
            } == [
                #"traces: ["receiver otlp"] [batch] ["sink otlp_grpc", "sink otlp_http/backup", "#
                    + #""connector spanmetrics"]"#,
                #"metrics: ["receiver otlp", "receiver prometheus", "connector spanmetrics"] [] "#
                    + #"["sink debug"]"#,
                #"logs/app: ["receiver otlp"] [] ["sink debug"]"#,
            ])
        #expect(configuration.extensions == [ComponentID(type: "health_check")])
        let prometheus = configuration.component(.receiver, ComponentID(type: "prometheus"))
        let scrape = prometheus?.settings["config"]?["scrape_configs"]?.arrayValue?.first
        let relabel = scrape?["metric_relabel_configs"]?.arrayValue?.first
        #expect(relabel?["replacement"] == .string("${1}"))
        #expect(configuration.service.logLevel == "warn")
        #expect(configuration.service.logEncoding == "json")
        #expect(configuration.service.metricsLevel == .detailed)
        #expect(configuration.service.metricsAddress == "0.0.0.0:9999")
        #expect(configuration.service.resource == [JSONMember("service.name", .string("edge"))])
    }

    @Test func thePrintedConfigurationHoldsNoSecretAndReadsBack() throws {
        let first = try #require(load(("otelcol.yaml", collectorFile)).configuration)
        let printed = first.redacted.yaml()
        #expect(!printed.contains("s3cr3t"))
        #expect(printed.contains("authorization: <redacted>"))
        #expect(printed.contains("x-scope: tenant-1"))
        #expect(printed.contains("timeout: 1s"))
        #expect(printed.contains("endpoint: 0.0.0.0:4317"))
        // Only the redacted endpoint stands in the way of reading it back.
        let text = printed.replacing("endpoint: <redacted>", with: "endpoint: a:1")
        let outcome = load(("printed.yaml", text))
        let second = try #require(outcome.configuration, "\(outcome.text)")
        #expect(second.redacted.yaml() == text)
    }

    @Test func defaultsAreFilledInButNothingIsEnabledUnasked() throws {
        let outcome = load(
            (
                "weir.yaml",
                """
                receivers: {otlp: {protocols: {grpc: }}}
                sinks: {otlp: {endpoint: 'a:1', timeout: , tls: }}
                service: {pipelines: {traces: {receivers: [otlp], sinks: [otlp]}}}
                """
            ))
        let configuration = try #require(outcome.configuration, "\(outcome.text)")
        #expect(
            configuration.components[0].settings
                == json(
                    """
                    {"protocols": {"grpc": {"endpoint": "localhost:4317",
                                            "max_recv_msg_size": 4194304}}}
                    """))
        #expect(
            configuration.components[1].settings
                == json(
                    """
                    {"endpoint": "a:1", "compression": "gzip", "timeout": 5000000000,
                     "tls": {"insecure": false},
                     "retry_on_failure": {"enabled": true, "initial_interval": 5000000000,
                                          "max_elapsed_time": 300000000000}}
                    """))
        #expect(configuration.service.drainTimeout == 5_000_000_000)
        #expect(configuration.service.metricsAddress == "127.0.0.1:8888")
        #expect(configuration.service.pluginPaths == [])
        #expect(configuration.service.memoryLimit == nil)
    }

    @Test func laterFilesLieOverEarlierOnes() throws {
        let base = """
            receivers: {otlp: {protocols: {grpc: {endpoint: 'a:1'}}}}
            processors: {batch: {timeout: 1s, send_batch_size: 10}}
            sinks: {debug: }
            service: {pipelines: {traces: {receivers: [otlp], processors: [batch], sinks: [debug]}}}
            """
        let later = """
            receivers: {otlp: {protocols: {http: }}}
            processors: {batch: {timeout: 2s}}
            sinks: {debug/2: }
            service: {pipelines: {traces: {sinks: [debug/2, debug]}}, shutdown: {drain_timeout: 1m30s}}
            """
        let outcome = load(("base.yaml", base), ("later.yaml", later), ("empty.yaml", "sinks:\n"))
        let configuration = try #require(outcome.configuration, "\(outcome.text)")
        let protocols = configuration.components[0].settings["protocols"]
        #expect(protocols?["grpc"]?["endpoint"] == .string("a:1"))
        #expect(protocols?["http"]?["endpoint"] == .string("localhost:4318"))
        let batch = try #require(
            configuration.component(.processor, ComponentID(type: "batch")))
        #expect(batch.settings["timeout"] == .integer(2_000_000_000))
        #expect(batch.settings["send_batch_size"] == .integer(10))
        #expect(batch.location.description == "later.yaml:2:14")
        let outputs = configuration.pipelines[0].outputs.map(\.id.description)
        #expect(outputs == ["debug/2", "debug"])
        #expect(configuration.pipelines[0].processors == [ComponentID(type: "batch")])
        #expect(configuration.service.drainTimeout == 90_000_000_000)
    }

    @Test func pluginFoldersAreKnownBeforeTheCatalogIs() {
        let sources = [
            "service: {plugins: {path: [/a]}}",
            "service: {plugins: {path: ['${env:HOST}/x', '${env:NOT_SET}', /b]}}\nreceivers: {x: 1}",
            "not: [closed",
        ].map { ConfigurationSource(name: "weir.yaml", contents: Array($0.utf8)) }
        let paths = pluginPaths(in: sources, environment: { testEnvironment[$0] })
        #expect(paths == ["db.internal/x", "/b"])
    }

    @Test func anchorsAliasesAndMergeKeys() throws {
        let outcome = load(
            (
                "weir.yaml",
                """
                x-client: &client {timeout: 1s, compression: zstd}
                x-more: &more {compression: none, base: 'http://b'}
                receivers: {otlp: {protocols: {grpc: }}}
                sinks:
                  otlp: {<<: *client, endpoint: 'a:1'}
                  otlphttp: {<<: [*client, *more], endpoint: 'a:2', timeout: 3s}
                service: {pipelines: {traces: {receivers: [otlp], sinks: [otlp, otlphttp]}}}
                """
            ))
        let configuration = try #require(outcome.configuration, "\(outcome.text)")
        let settings = configuration.components.map(\.settings)
        #expect(settings[1]["timeout"] == .integer(1_000_000_000))
        #expect(settings[1]["compression"] == .string("zstd"))
        #expect(settings[2]["timeout"] == .integer(3_000_000_000))
        #expect(settings[2]["compression"] == .string("zstd"))
        #expect(settings[2]["base"] == .string("http://b"))
    }

    @Test(
        arguments: [
            ("1m30s", 90_000_000_000), ("0", 0), ("200ms", 200_000_000),
            ("1.5h", 5_400_000_000_000),
            ("1h0m0.5s", 3_600_500_000_000), (".5s", 500_000_000), ("10us", 10_000), ("7µs", 7_000),
            ("3ns", 3), ("+1s", 1_000_000_000),
        ] as [(String, Int64)]) func durations(_ text: String, _ nanoseconds: Int64)
    {
        #expect(parseDuration(text) == nanoseconds)
    }

    @Test(arguments: [
        "", "-1s", "1", "1.5", "s", "1x", "1d", "1 s", "1s ", " 1s", "1s1", "1e3s", "1..5s",
        "9223372036854775808ns", "300000000h", "99999999999999999999h", "infs", "٣s",
    ]) func notDurations(_ text: String) {
        #expect(parseDuration(text) == nil)
    }

    @Test(
        arguments: [
            ("0", 0), ("512KiB", 524_288), ("20MiB", 20_971_520), ("1GiB", 1 << 30),
            ("1.5KiB", 1536),
            ("10kB", 10_000), ("10 MB", 10_000_000), ("7B", 7), ("1048576", 1_048_576),
        ] as [(String, Int64)]) func byteSizes(_ text: String, _ bytes: Int64)
    {
        #expect(parseByteSize(text) == bytes)
    }

    @Test(arguments: ["", "-1", "1M", "KiB", "1.3B", "99999999TiB", "1KiBs", "inf", "nanB"])
    func notByteSizes(_ text: String) {
        #expect(parseByteSize(text) == nil)
    }

    @Test(
        arguments: [
            ("endpiont", "endpoint"), ("Endpoint", "endpoint"), ("time-out", "time_out"),
            ("tsl", "tls"), ("xyz", nil), ("a", nil), ("compresion", "compression"), ("", nil),
            ("endpoints_of_all", nil),
        ] as [(String, String?)]) func nearestNames(_ name: String, _ expected: String?)
    {
        let known = ["endpoint", "timeout", "time_out", "tls", "compression", "b"]
        #expect(nearestName(to: name, in: known) == expected)
    }
}
