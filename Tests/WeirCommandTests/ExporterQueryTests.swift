import Testing
import WeirConfig
import WeirJSON
import WeirRuntime

@testable import WeirCommand

/// How texts from the command line and from a query become settings.
@Suite struct ExporterQueryTests {
    private static let schema = """
        {"type": "object", "additionalProperties": false, "properties": {
          "endpoint": {"type": "string"}, "timeout": {"type": "string", "format": "duration"},
          "count": {"type": "integer"}, "ratio": {"type": "number"}, "deep": {"type": "boolean"},
          "mode": {"enum": ["a", "b"]},
          "names": {"type": "array", "items": {"type": "string"}},
          "ports": {"type": "array", "items": {"type": "integer"}},
          "labels": {"type": ["object", "null"], "additionalProperties": {"type": "string"}},
          "password": {"type": ["string", "null"], "x-weir-secret": true},
          "tls": {"type": "object", "properties": {"ca_file": {"type": "string", "format": "path"}}}
        }}
        """

    private static func overlay() throws -> SettingOverlay {
        SettingOverlay(rows: optionRows(try JSONValue(parsing: schema)))
    }

    @Test(arguments: [
        ("endpoint", ["5432"], #"{"endpoint":"5432"}"#),
        (
            "endpoint", ["postgresql://a:b@c/d?x=1#{}"],
            #"{"endpoint":"postgresql://a:b@c/d?x=1#{}"}"#
        ),
        ("timeout", ["5s"], #"{"timeout":"5s"}"#), ("count", ["7"], #"{"count":7}"#),
        ("count", ["seven"], #"{"count":"seven"}"#),
        ("count", ["${env:N}"], #"{"count":"${env:N}"}"#), ("ratio", ["0.5"], #"{"ratio":0.5}"#),
        ("deep", ["true"], #"{"deep":true}"#), ("mode", ["a"], #"{"mode":"a"}"#),
        ("names", ["a,b", "c"], #"{"names":["a","b","c"]}"#),
        ("names", ["[a, 'b,c']"], #"{"names":["a","b,c"]}"#),
        ("ports", ["1,2"], #"{"ports":[1,2]}"#),
        ("labels.env", ["1"], #"{"labels":{"env":"1"}}"#),
        ("labels", ["{a: b}"], #"{"labels":{"a":"b"}}"#),
        ("password", ["1234"], #"{"password":"1234"}"#),
        ("tls.ca_file", ["/ca.pem"], #"{"tls":{"ca_file":"/ca.pem"}}"#),
        ("nothing", ["x"], #"{"nothing":"x"}"#),
    ])
    func aTextBecomesAValue(_ path: String, _ texts: [String], _ expected: String) throws {
        #expect(try Self.overlay().settings(path, texts).serialized() == expected)
    }

    private static let probe = PluginManifest.Standalone.Probe(
        path: "/probe", target: "endpoint",
        parameters: [
            .init(name: "check", setting: "names"), .init(name: "ca", setting: "tls.ca_file"),
        ]
    )

    @Test(arguments: [
        ("target=db%3A5432", #"{"endpoint":"db:5432"}"#),
        ("check=a&target=x+y&check=b", #"{"names":["a","b"],"endpoint":"x y"}"#),
        ("target=%zz%4", #"{"endpoint":"%zz%4"}"#),
        ("ca=/a&target=x", #"{"tls":{"ca_file":"/a"},"endpoint":"x"}"#),
    ])
    func aQueryBecomesSettings(_ query: String, _ expected: String) throws {
        let query = try ProbeQuery(query, Self.probe, Self.overlay())
        #expect(query.settings.serialized() == expected && !query.isVerbose)
    }

    /// What the file lists is not asked beside the target of the request.
    @Test func aTargetStandsAlone() throws {
        var probe = PluginManifest.Standalone.Probe(
            path: "/probe", target: "endpoint", parameters: [])
        probe.replaces = ["names"]
        let query = try ProbeQuery("target=x", probe, Self.overlay())
        #expect(query.settings.serialized() == #"{"names":[],"endpoint":"x"}"#)
    }

    @Test(arguments: [
        (nil, "target is missing"), ("target=", "target is missing"),
        ("target=a&target=b", "more than once"), ("target=a&x=1", "expected target, check, ca"),
    ])
    func aWrongQueryIsExplained(_ query: String?, _ expected: String) throws {
        let failure = #expect(throws: ProbeQuery.Failure.self) {
            try ProbeQuery(query, Self.probe, Self.overlay())
        }
        #expect(failure?.text.contains(expected) == true, "\(failure?.text ?? "")")
    }

    @Test(arguments: [
        ("10", 9_500_000_000, 400_000_000), ("1", 750_000_000, 200_000_000),
        ("100000", 599_500_000_000, 400_000_000),
    ])
    func theScrapeTimeoutIsTheDeadline(_ text: String, _ deadline: UInt64, _ grace: UInt64) {
        #expect(TimeLimit(seconds: text)?.deadline == deadline)
        #expect(TimeLimit(seconds: text)?.grace == grace)
    }

    @Test(arguments: [nil, "", "0", "-1", "nan", "inf", "soon"])
    func whatIsNoTimeoutIsNone(_ text: String?) {
        #expect(TimeLimit(seconds: text) == nil)
    }

    @Test(arguments: [
        ("postgresql://me:secret@db/x", false, true), ("postgresql://me@db/x", false, false),
        ("postgresql://me:${env:PW}@db/x", false, false), ("secret", true, true),
        ("host=db password=x", false, true),
        ("host=db password=${env:PW} user=me", false, false),
        ("postgresql://db/x?sslmode=disable&password=x", false, true),
        ("${env:PW}", true, false), ("${env:PW:-secret}", true, true), ("", true, false),
    ])
    func aSecretInClearIsSeen(_ text: String, _ isSecret: Bool, _ expected: Bool) {
        #expect(showsSecret(text, isSecret: isSecret) == expected)
    }

    /// What a query says is never a variable; files and flags may have some.
    @Test func aQueryIsNotExpanded() throws {
        func source(_ text: String) -> ConfigurationSource {
            ConfigurationSource(name: "x", contents: Array(text.utf8))
        }
        let (settings, diagnostics) = loadSettings(
            [source("endpoint: ${env:A}\ncount: 1\n"), source(#"{"count": "${env:B}"}"#)],
            literals: [source(#"{"mode": "a", "tls": {"ca_file": "${env:A}"}}"#)],
            of: "exporters.x", schema: try JSONValue(parsing: Self.schema), fragments: [:],
            environment: { ["A": "here", "B": "5"][$0] }, readFile: { _ in [] })
        #expect(diagnostics.isEmpty, "\(diagnostics)")
        #expect(settings?["endpoint"] == .string("here") && settings?["count"] == .integer(5))
        #expect(settings?["tls"]?["ca_file"] == .string("${env:A}"))
    }
}
