import Testing
import WeirConfig

/// What components say against settings that fit their schemas, at the place of which they speak.
@Suite struct RefusedSettingsTests {
    private static let weir = """
        receivers:
          prometheus:
            config:
              scrape_configs:
                - job_name: a
                  relabel_configs:
                    - action: drop
                      regex: 'a('
                    - {regex: x, "odd.key": 1}
                  params: {}
        sinks:
          debug/2:
            password: s3cr3t
        service:
          pipelines:
            metrics: {receivers: [prometheus], sinks: [debug/2]}
        """

    private func faults(
        _ outcome: ConfigurationOutcome, _ faults: [ConfigurationPlaces.Fault]
    ) throws -> [Diagnostic] {
        let configuration = try #require(outcome.configuration, "\(outcome.text)")
        return try #require(configuration.places).diagnostics(faults)
    }

    @Test(arguments: [
        ("config.scrape_configs[0].relabel_configs[0].regex: bad", "8:22", "'regex': bad"),
        ("settings: config.scrape_configs[0].job_name: bad", "5:21", "'job_name': bad"),
        // What is missing is told of where it would stand.
        (
            "config.scrape_configs[0].relabel_configs[0].target_label: bad", "7:15",
            "'target_label': bad"
        ),
        ("config.scrape_configs[0].relabel_configs[1]: bad", "9:15", "'relabel_configs[1]': bad"),
        (#"config.scrape_configs[0].relabel_configs[1]."odd.key": b"#, "9:37", "'odd.key': b"),
        ("config.scrape_configs[0].relabel_configs[7].regex: bad", "6:11", "'regex': bad"),
        ("config.scrape_configs[0].params: bad", "10:11", "'params': bad"),
        ("config: bad", "3:5", "'config': bad"),
        // No path, but a name.
        ("config is bad", "3:5", "the receiver 'prometheus' cannot be made: config is bad"),
        ("config.: bad", "3:5", "the receiver 'prometheus' cannot be made: config.: bad"),
        // What it says is about all of it.
        ("nowhere: bad", "2:3", "the receiver 'prometheus' cannot be made: nowhere: bad"),
        ("config[x]: bad", "2:3", "the receiver 'prometheus' cannot be made: config[x]: bad"),
        ("config[0", "2:3", "the receiver 'prometheus' cannot be made: config[0"),
        ("", "2:3", "the receiver 'prometheus' cannot be made: "),
    ])
    func pathsLeadToPlaces(_ message: String, _ place: String, _ text: String) throws {
        let found = try faults(
            load(("weir.yaml", Self.weir)), [.init(.receiver, "prometheus", message)])
        try #require(found.count == 1)
        #expect("\(found[0].line):\(found[0].column)" == place)
        #expect(found[0].message == text)
        #expect(found[0].code == .refusedSettings)
    }

    private static let named = """
        receivers:
          otlp: {protocols: {grpc: {endpoint: "localhost:4317"}}}
        sinks:
          debug:
            heartbeat: 10s
            session_timeout: 5s
            tls:
              key: a
            endpoint: x
            items: [a, b]
        service:
          pipelines:
            metrics: {receivers: [otlp], sinks: [debug]}
        """

    /// A message that begins with no path, and names its setting all the same.
    @Test(arguments: [
        ("heartbeat (10s) is not below session_timeout", "5:16", "heartbeat"),
        ("a beat is not below session_timeout (5s)", "6:22", "session_timeout"),
        ("there is no use for `endpoint`: leave it out", "9:15", "endpoint"),
        ("debug: tls.key is 'a', expected b", "8:12", "tls.key"),
        ("items[1] is b", "10:16", "items[1]"),
        ("the key tls.nothing of session_timeout", "6:22", "session_timeout"),
        // An endpoint is a word, too.
        ("there is no endpoint at all", "4:3", ""),
        ("nothing_here is wrong", "4:3", ""),
    ])
    func settingsThatAreNamedLeadToPlaces(_ message: String, _ place: String, _ path: String) throws
    {
        let found = try faults(load(("weir.yaml", Self.named)), [.init(.sink, "debug", message)])
        try #require(found.count == 1)
        #expect("\(found[0].line):\(found[0].column)" == place)
        #expect(found[0].path == (path.isEmpty ? "sinks.debug" : "sinks.debug.\(path)"))
        #expect(found[0].message == "the sink 'debug' cannot be made: \(message)")
    }

    /// What is said in the usual words is shown as the host shows its own.
    @Test(
        arguments: [
            ("found 7, expected 1 to 5: leave it out", "7", "1 to 5", "leave it out"),
            ("found a:x, expected HOST:PORT", "a:x", "HOST:PORT", nil),
            ("found nothing", nil, nil, nil), ("it is found, expected or not", nil, nil, nil),
            ("found , expected 1", nil, nil, nil),
        ] as [(String, String?, String?, String?)])
    func whatIsFoundAndExpectedIsShownApart(
        _ message: String, _ found: String?, _ expected: String?, _ help: String?
    ) throws {
        let all = try faults(
            load(("weir.yaml", Self.named)), [.init(.sink, "debug", "endpoint: \(message)")])
        try #require(all.count == 1)
        #expect([all[0].found, all[0].expected, all[0].suggestion] == [found, expected, help])
        #expect(
            all[0].message
                == (found == nil ? "'endpoint': \(message)" : "'endpoint' cannot have this value"))
    }

    /// A component says all at once: a line for each fault.
    @Test func eachLineIsAFault() throws {
        let found = try faults(
            load(("weir.yaml", Self.named)),
            [.init(.sink, "debug", "tls.key: bad\nendpoint: worse\nnothing to say")])
        #expect(
            found.map { "\($0.line) \($0.message)" } == [
                "4 the sink 'debug' cannot be made: nothing to say", "8 'key': bad",
                "9 'endpoint': worse",
            ])
    }

    @Test func whatIsDoubtedIsNoError() throws {
        let found = try faults(
            load(("weir.yaml", Self.named)),
            [
                .init(.sink, "debug", "tls.key: odd", code: .doubtedSettings),
                .init(.sink, "debug", "odd", code: .doubtedSettings),
            ])
        #expect(found.map(\.severity) == [.warning, .warning])
        #expect(found.map(\.message) == ["the sink 'debug' warns: odd", "'key': odd"])
    }

    /// A secret's default is in no source: it hides nothing there.
    @Test func aDefaultHidesNoComponent() throws {
        let text = """
            exporters:
              postgres: {endpoint: "db:5432", username: a}
            sinks:
              otlp/secret: {endpoint: "a:1", token: s3cr3t}
            service:
              pipelines:
                metrics: {exporters: [postgres], sinks: [otlp/secret]}
            """
        let found = try faults(
            load(("weir.yaml", text)),
            [.init(.exporter, "postgres", "bad"), .init(.sink, "otlp/secret", "bad")])
        #expect(
            found.map { $0.excerpt?.text } == [
                "  postgres: {endpoint: \"db:5432\", username: a}",
                "  otlp/secret: {endpoint: \"a:1\", token: <redacted>}",
            ])
        #expect(found.map { $0.excerpt?.length } == [8, 11])
    }

    @Test func theTextHasThePathAndTheLine() throws {
        let message = "config.scrape_configs[0].relabel_configs[0].regex: a ')' is missing"
        let found = try faults(
            load(("weir.yaml", Self.weir)), [.init(.receiver, "prometheus", message)])
        #expect(
            found[0].text() == """
                weir.yaml:8:22: error[E0317]: 'regex': a ')' is missing
                  |
                8 |               regex: 'a('
                  |                      ^^^^
                  = in receivers.prometheus.config.scrape_configs[0].relabel_configs[0].regex

                """)
    }

    @Test func allAreToldInOrderEachOnceAndNoSecretIs() throws {
        let found = try faults(
            load(("weir.yaml", Self.weir)),
            [
                .init(.sink, "debug/2", "password: too short"),
                .init(.sink, "debug/2", "password: too short"),
                .init(.receiver, "prometheus", "config: bad", code: .unusablePlugin),
            ])
        #expect(found.map(\.code) == [.unusablePlugin, .refusedSettings])
        #expect(found[1].path == "sinks.debug/2.password")
        #expect(!found[1].text().contains("s3cr3t"))
    }

    /// Components quote what they were given, and do not know where it came from.
    @Test(arguments: ["password: found \"s3cr3t-word\"", "found s3cr3t-word in it"])
    func whatCameFromAVariableIsNotShown(_ message: String) throws {
        let text = Self.weir.replacing("password: s3cr3t", with: "password: ${env:WORD}")
        let found = try faults(load(("weir.yaml", text)), [.init(.sink, "debug/2", message)])
        #expect(found[0].message.contains("found"))
        #expect(found[0].message.contains("<redacted>"))
        #expect(!found[0].text().contains("s3cr3t"))
    }

    @Test func theDialectOfPrometheusHasItsOwnPaths() throws {
        let text = """
            global: {scrape_interval: 15s}
            scrape_configs:
              - job_name: a
                relabel_configs:
                  - regex: 'a('
            remote_write:
              - url: http://one.example.com/write
              - url: http://two.example.com/write
                write_relabel_configs:
                  - regex: 'b('
            """
        let found = try faults(
            loadPrometheus([("prometheus.yml", text)]),
            [
                .init(
                    .receiver, "prometheus",
                    "config.scrape_configs[0].relabel_configs[0].regex: bad"),
                .init(.sink, "prometheusremotewrite/2", "write_relabel_configs[0].regex: bad"),
                .init(.sink, "prometheusremotewrite/1", "endpoint: bad"),
            ])
        #expect(
            found.map { "\($0.line):\($0.column) \($0.path)" } == [
                "5:16 scrape_configs[0].relabel_configs[0].regex",
                "7:10 remote_write[0].url",
                "10:16 remote_write[1].write_relabel_configs[0].regex",
            ])
    }
}
