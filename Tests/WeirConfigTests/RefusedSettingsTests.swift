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
        // No paths: what it says is about all of it.
        ("nowhere: bad", "2:3", "the receiver 'prometheus' cannot be made: nowhere: bad"),
        ("config is bad", "2:3", "the receiver 'prometheus' cannot be made: config is bad"),
        ("config.: bad", "2:3", "the receiver 'prometheus' cannot be made: config.: bad"),
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
