import Testing
import WeirConfig
import WeirJSON

@Suite struct ExpansionTests {
    /// A processor's free-form settings in Weir's dialect, after expansion.
    private func expanded(_ written: String, dialect: Dialect = .weir) throws -> JSONValue {
        let text = """
            receivers:
              prometheus:
                config:
                  value: \(written)
            \(dialect == .weir ? "sinks" : "exporters"): {debug: }
            service:
              pipelines:
                metrics:
                  receivers: [prometheus]
                  \(dialect == .weir ? "sinks" : "exporters"): [debug]
            """
        let outcome = load(("weir.yaml", text))
        let configuration = try #require(outcome.configuration, "\(outcome.text)")
        #expect(configuration.dialect == dialect)
        let receiver = configuration.component(.receiver, ComponentID(type: "prometheus"))
        return try #require(receiver?.settings["config"]?["value"])
    }

    @Test(arguments: [
        // What is no variable passes untouched.
        ("'$1'", "$1"), ("'${1}'", "${1}"), ("'$$'", "$$"), ("'$$1'", "$$1"),
        ("'pa$$word'", "pa$$word"), ("'pa$word'", "pa$word"), ("'$'", "$"), ("'a$'", "a$"),
        ("'${'", "${"), ("'${}'", "${}"), ("'${name}'", "${name}"), ("'${a-b}'", "${a-b}"),
        ("'${name:-x}'", "${name:-x}"), ("'{{ .Labels.host }}'", "{{ .Labels.host }}"),
        ("'{{ $value }}'", "{{ $value }}"), ("'$HOST'", "$HOST"), ("'${1}:${2}'", "${1}:${2}"),
        ("'$${1}'", "$${1}"), ("'%{HOST}'", "%{HOST}"), ("'${name'", "${name"),
        // Variables.
        ("${env:HOST}", "db.internal"), ("'${env:HOST}:${env:PORT}'", "db.internal:5433"),
        ("${HOST}", "db.internal"), ("'${HOST:-x}'", "db.internal"),
        ("'${NOT_SET:-x}'", "x"), ("'${env:NOT_SET:-a:-b}'", "a:-b"), ("'${env:NOT_SET:-}'", ""),
        ("'${env:NOT_SET:-${env:HOST}}'", "db.internal"),
        ("'${env:NOT_SET:-${env:NOR_THIS:-deep}}'", "deep"), ("'${env:EMPTY:-x}'", ""),
        ("'${1} ${env:HOST} $2'", "${1} db.internal $2"), ("'${env:lower}'", "low"),
        ("'${name ${env:HOST}'", "${name db.internal"),
        ("'${env:HOST}${env:HOST}'", "db.internaldb.internal"),
        // The escape.
        ("'$${env:HOST}'", "${env:HOST}"), ("'$$${env:HOST}'", "$$db.internal"),
        // What a variable yields is text: not structure, not another variable, not a number
        // that was not written so.
        ("${env:STRUCTURE}", "s3cr3t: [a, b]"), ("${env:REFERENCE}", "${env:TOKEN}"),
        ("${env:DOLLARS}", "pa$$w${rd"), ("${env:ZEROS}", "0123"), ("${env:EXPONENT}", "1e5"),
        ("'${env:PORT}'", "5433"), ("${env:SPACED}", " 5433 "),
        // Files lose one newline at their end.
        ("${file:/run/secrets/password}", "s3cr3t-password"),
        ("${file:/run/secrets/two-lines}", "one\ntwo\n"),
        ("${file:/run/secrets/windows}", "s3cr3t"),
    ]) func weirReads(_ written: String, as expected: String) throws {
        #expect(try expanded(written) == .string(expected))
    }

    @Test(arguments: [
        ("${env:PORT}", JSONValue.integer(5433)), ("${env:TRUE}", .bool(true)),
        ("${PORT}", .integer(5433)),
    ]) func wholeValuesKeepTheirType(_ written: String, _ expected: JSONValue) throws {
        #expect(try expanded(written) == expected)
    }

    @Test(arguments: [
        ("'$$'", "$"), ("'pa$$word'", "pa$word"), ("'$${1}'", "${1}"), ("'$1'", "$1"),
        ("'${1}'", "${1}"), ("'$${env:HOST}'", "${env:HOST}"), ("'$$$${env:HOST}'", "$${env:HOST}"),
        ("'$$${env:HOST}'", "$db.internal"), ("${lower}", "low"), ("'${lower:-x}'", "low"),
        ("'{{ $value }}'", "{{ $value }}"), ("'$HOST'", "$HOST"),
    ]) func collectorReads(_ written: String, as expected: String) throws {
        #expect(try expanded(written, dialect: .collector) == .string(expected))
    }

    @Test func textFromVariablesBendsToTheSchema() throws {
        let outcome = load(
            (
                "weir.yaml",
                """
                exporters:
                  postgres:
                    endpoint: ${env:HOST}:${env:PORT}
                    username: "${env:ZEROS}"
                    password: ${env:PORT}
                    port: "${env:PORT}"
                    ratio: ${env:NOT_SET:-0.5}
                    connect: '${env:TRUE}'
                    interval: ${env:NOT_SET:-30s}
                sinks: {debug: }
                service: {pipelines: {metrics: {exporters: [postgres], sinks: [debug]}}}
                """
            ))
        let configuration = try #require(outcome.configuration, "\(outcome.text)")
        let settings = try #require(configuration.components.first).settings
        #expect(
            settings
                == json(
                    """
                    {"endpoint": "db.internal:5433", "username": "0123", "password": "5433",
                     "port": 5433, "ratio": 0.5, "interval": 30000000000, "connect": true,
                     "ssl": "disable"}
                    """))
        let printed = try #require(configuration.components.first).printed
        #expect(
            printed
                == json(
                    """
                    {"endpoint": "<redacted>", "username": "<redacted>",
                     "password": "<redacted>", "port": "<redacted>", "ratio": 0.5,
                     "interval": "30s", "connect": "<redacted>", "ssl": "disable"}
                    """))
    }

    @Test func overriddenVariablesNeedNotBeSet() {
        let base = "sinks: {otlp: {endpoint: '${env:NOT_SET}'}}"
        let later = """
            receivers: {otlp: {protocols: {grpc: }}}
            sinks: {otlp: {endpoint: 'a:1'}}
            service: {pipelines: {traces: {receivers: [otlp], sinks: [otlp]}}}
            """
        let outcome = load(("base.yaml", base), ("later.yaml", later))
        #expect(outcome.text == "")
    }

    @Test func idsMayComeFromVariables() {
        let outcome = load(
            (
                "weir.yaml",
                """
                receivers: {otlp: {protocols: {grpc: }}}
                sinks: {debug: }
                service: {pipelines: {traces: {receivers: ["${env:RX}"], sinks: [debug]}}}
                """
            ))
        #expect(outcome.text == "")
    }
}
