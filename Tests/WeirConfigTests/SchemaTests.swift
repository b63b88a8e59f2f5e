import Testing
import WeirConfig
import WeirJSON

@Suite struct SchemaTests {
    @Test func optionRowsComeFromTheSchema() throws {
        let otlp = try #require(testCatalog.component(.receiver, "otlp"))
        let rows = optionRows(otlp.schema, fragments: testCatalog.fragments)
        #expect(
            rows.map { "\($0.key) \($0.type) \($0.defaultValue ?? "-") \($0.isRequired)" } == [
                "protocols object - true", "protocols.grpc object - false",
                "protocols.grpc.endpoint endpoint localhost:4317 false",
                "protocols.grpc.tls object - false", "protocols.grpc.tls.cert_file path - false",
                "protocols.grpc.tls.key_file path - false",
                "protocols.grpc.read_timeout duration - false",
                "protocols.grpc.max_recv_msg_size bytes 4MiB false",
                "protocols.http object - false",
                "protocols.http.endpoint endpoint localhost:4318 false",
                "protocols.http.tls object - false", "protocols.http.tls.cert_file path - false",
                "protocols.http.tls.key_file path - false",
                "protocols.http.read_timeout duration - false",
                "protocols.http.cors object - false",
                "protocols.http.cors.allowed_origins list of string - false",
            ])
    }

    @Test func rowsOfMapsListsAndRecursion() throws {
        let postgres = try #require(testCatalog.component(.exporter, "postgres"))
        let rows = optionRows(postgres.schema, fragments: testCatalog.fragments)
        let password = try #require(rows.first { $0.key == "password" })
        #expect(password.isSecret && password.defaultValue == "\"\"")
        #expect(rows.first { $0.key == "labels" }?.type == "map of string")
        #expect(rows.first { $0.key == "ssl" }?.type == "disable | require | verify-full")
        #expect(rows.first { $0.key == "endpoint" }?.description == "The server.")
        let sampler = try #require(testCatalog.component(.processor, "sampler"))
        let keys = optionRows(sampler.schema, fragments: [:]).map(\.key)
        #expect(
            keys == [
                "policies", "policies[].name", "policies[].type", "policies[].type",
                "policies[].threshold", "size", "keys", "keys[].id", "keys[].value", "keys[].use",
                "rule",
                "rule.all",
                "rule.match",
            ])
    }

    @Test func theEditorsSchemaHoldsTogether() throws {
        let schema = configurationSchema(testCatalog)
        // Every reference leads somewhere.
        var references: [String] = []
        func collect(_ value: JSONValue) {
            if let reference = value["$ref"]?.stringValue { references.append(reference) }
            value.arrayValue?.forEach(collect)
            value.objectValue?.forEach { collect($0.value) }
        }
        collect(schema)
        #expect(references.count > 20)
        for reference in references where reference != "#/$defs/weir.nowhere" {
            var place: JSONValue? = schema
            for step in reference.dropFirst(2).split(separator: "/") {
                place = place?[String(step)]
            }
            #expect(place != nil, "\(reference) leads nowhere")
        }
        let definitions = try #require(schema["$defs"])
        let postgres = try #require(definitions["exporter.postgres"])
        #expect(postgres["additionalProperties"] == .bool(false))
        #expect(postgres["properties"]?["interval"]?["default"] == .string("15s"))
        #expect(postgres["properties"]?["port"]?["anyOf"]?.arrayValue?.count == 2)
        let sinks = try #require(schema["properties"]?["sinks"]?["patternProperties"])
        #expect(sinks["^logging(/.+)?$"]?["deprecated"] == .bool(true))
        #expect(sinks["^otlp(/.+)?$"]?["description"] == .string("The otlp sink."))
        let text = schema.serialized(pretty: true)
        #expect(try JSONValue(parsing: text) == schema)
    }

    @Test func theCatalogsSchemasAreSound() {
        for component in testCatalog.components where component.type != "broken" {
            let problems = schemaProblems(component.schema, fragments: testCatalog.fragments)
            #expect(problems == [], "\(component.kind) \(component.type)")
        }
    }

    @Test(arguments: [
        (##"{"requierd": []}"##, "unknown keyword 'requierd'; did you mean 'required'?"),
        (
            ##"{"properties": {"a": {"x-weir-secrt": true}}}"##,
            "a: unknown keyword 'x-weir-secrt'; did you mean 'x-weir-secret'?"
        ),
        (
            ##"{"properties": {"a": {"type": "sting"}}}"##,
            "a: unknown type 'sting'; did you mean 'string'?"
        ),
        (
            ##"{"properties": {"a": {"format": "durations"}}}"##,
            "a: unknown format 'durations'; did you mean 'duration'?"
        ),
        (
            ##"{"properties": {"a": {"format": "duration", "default": "5"}}}"##,
            "a: the default does not fit: 'a' is not a duration: the unit is missing"
        ),
        (##"{"required": ["a"]}"##, "'a' is required, but not among the properties"),
        (##"{"type": "string"}"##, "a component's settings are an object"),
        (
            ##"{"properties": {"a": {"items": {"$ref": "weir:none"}}}}"##,
            "a[]: there is no shared schema 'weir:none'"
        ),
    ]) func problemsOfSchemas(_ schema: String, _ problem: String) {
        #expect(schemaProblems(json(schema)) == [problem])
    }

    @Test(arguments: [
        ##"{"properties": {"a": {"$ref": "#/$defs/none"}}}"##,
        ##"{"properties": {"a": {"$ref": "other.json"}}}"##,
        ##"{"properties": {"a": {"type": "string", "pattern": "^a"}}}"##,
        ##"{"properties": {"a": {"$ref": "#/properties/a"}}}"##,
        ##"{"properties": {"a": {}, "b": {"type": "integer", "default": "many"}}}"##,
        ##"{"properties": {"a": {}, "b": {"$ref": "#", "default": {}}}}"##,
        ##"{"properties": {"a": 5}}"##,
    ]) func brokenSchemasAreThePluginsFault(_ schema: String) {
        let catalog = ComponentCatalog(components: [
            .init(kind: .receiver, type: "x", signalsOut: [.logs], schema: json(schema)),
            .init(kind: .sink, type: "y", signalsIn: [.logs]),
        ])
        let text = """
            receivers: {x: {a: 1}}
            sinks: {y: }
            service: {pipelines: {logs: {receivers: [x], sinks: [y]}}}
            """
        let outcome = loadConfiguration(
            [ConfigurationSource(name: "weir.yaml", contents: Array(text.utf8))],
            catalog: catalog, environment: { _ in nil },
            readFile: { _ throws in throw NoSuchFile() })
        #expect(outcome.diagnostics.map(\.code) == [.brokenSchema], "\(outcome.text)")
    }

    @Test(arguments: [
        ("0x1F", JSONValue.integer(31)), ("0o17", .integer(15)), ("0123", .integer(123)),
        ("-5", .integer(-5)), ("1e3", .number(1000)), ("1.", .number(1)), (".5", .number(0.5)),
        ("~", .null), ("Null", .null), ("TRUE", .bool(true)), ("yes", .string("yes")),
        ("no", .string("no")), ("1_000", .string("1_000")), ("12:30:45", .string("12:30:45")),
        ("2024-01-01", .string("2024-01-01")), ("'1'", .string("1")), ("!!str 1", .string("1")),
        ("0x", .string("0x")), ("1e", .string("1e")), (".", .string(".")), ("-", .array([.null])),
        ("0x-1", .string("0x-1")), ("9223372036854775808", .number(9223372036854775808)),
        ("|\n        1", .string("1\n")),
    ]) func scalarsFollowTheCoreSchema(_ written: String, _ expected: JSONValue) throws {
        let text = """
            receivers:
              prometheus:
                config:
                  value: \(written == "-" ? "[~]" : written)
            sinks: {debug: }
            service: {pipelines: {metrics: {receivers: [prometheus], sinks: [debug]}}}

            """
        let outcome = load(("weir.yaml", text))
        let configuration = try #require(outcome.configuration, "\(outcome.text)")
        #expect(configuration.components[0].settings["config"]?["value"] == expected)
    }

    @Test(arguments: [
        "", " a", "a: b", "a #b", "yes", "12", "1e5", "null", "~", "- a", "*a", "&a", "{a}", "a\nb",
        "\u{1}", "\u{7F}", "\u{85}", "\u{FEFF}", "é", "'", "\"", "\\", "/a/b", "a:", "@a", "%a",
        "true", "<redacted>", "a,b", "${env:X}", "🎏", "12:30", "5s", "0.0.0.0:1", "1_0", "$$", "$1",
        "a${X}b${1}",
    ]) func printedConfigurationsReadBack(_ text: String) throws {
        let value = JSONValue.object([
            JSONMember(
                "list", .array([.string(text), .object([JSONMember(text, .string(text))])])),
            JSONMember("empty", .array([])), JSONMember("nested", .array([.array([.null])])),
        ])
        func configuration(_ config: JSONValue) throws -> Configuration {
            let document = JSONValue.object([
                JSONMember(
                    "receivers",
                    .object([
                        JSONMember("prometheus", .object([JSONMember("config", config)]))
                    ])),
                JSONMember("sinks", .object([JSONMember("debug", .object([]))])),
                JSONMember(
                    "service",
                    json(
                        """
                        {"pipelines": {"metrics": {"receivers": ["prometheus"],
                                                   "sinks": ["debug"]}}}
                        """)),
            ])
            let outcome = load(("weir.yaml", document.yaml()))
            return try #require(outcome.configuration, "\(outcome.text)\n\(document.yaml())")
        }
        var first = try configuration(json("{}"))
        first.components[0].printed = .object([JSONMember("config", value)])
        let outcome = load(("printed.yaml", first.redacted.yaml()))
        let second = try #require(outcome.configuration, "\(outcome.text)")
        #expect(second.components[0].settings["config"] == value, "\(first.redacted.yaml())")
    }
}
