import Testing
import WeirConfig
import WeirJSON
import WeirRuntime

@testable import WeirCommand

/// Which targets of requests get the passwords of the settings.
@Suite struct ProbeTargetsTests {
    @Test(arguments: [
        ("db:5432", "db:5432"), ("db:5432", "DB:5432"), ("db:5432", "postgresql://db:5432/other"),
        ("postgresql://me:secret@db:5432/a", "postgresql://db:5432/b"),
        ("redis://q:6379", "redis://q:6379/0"), ("rediss://q:6379", "rediss://q:6379"),
        ("*.example.com:6379", "redis://a.b.example.com:6379"), ("*", "anything at=all"),
        ("*:6379", "q:6379"), ("[::1]:6379", "redis://[::1]:6379"),
        ("db:5432?sslmode=require", "db:5432?sslmode=require"),
        ("host=db dbname=a", "host=db dbname=a"), ("unix:/run/redis", "unix:/run/redis"),
        ("https://shop.example.com/a?b=c", "https://shop.example.com/a?b=c"),
    ])
    func areNamed(_ name: String, _ target: String) {
        #expect(ProbeTargets(names: ["else", name]).contain(target))
    }

    /// What a stranger might write to have a password sent elsewhere, or in the clear.
    @Test(arguments: [
        ("db:5432", "evil:5432"), ("db:5432", "db:5433"), ("db:5432", "db"),
        ("db:5432", "db:5432@evil:5432"), ("db:5432", "postgresql://db:5432@evil/"),
        ("db:5432", "postgresql://me@db:5432/"), ("db:5432", "db:5432?host=evil"),
        ("db:5432", "db:5432/?hostaddr=6.6.6.6"), ("db:5432", "db:5432,evil:5432"),
        ("db:5432", "db:5432/host%3Devil"), ("db:5432", "db:5432#evil"),
        ("db:5432", "db:5432/a host=evil"), ("db:5432", "db:5432\\evil"),
        ("db:5432/?sslmode=verify-full", "db:5432/"), ("rediss://q:6379", "redis://q:6379"),
        ("rediss://q:6379", "q:6379"), ("https://shop", "http://shop"),
        ("*.example.com:6379", ".example.com:6379"), ("*.example.com:6379", "example.com:6379"),
        ("*.example.com:6379", "evil:1/x.example.com:6379"),
        ("*.example.com:6379", "evil?.example.com:6379"),
        ("*.example.com", "*.example.com.evil"), ("db*:5432", "dbevil:5432"),
        ("unix:/run/redis", "unix:/run/evil"), ("host=db", "host=db hostaddr=6.6.6.6"),
    ])
    func areNotNamed(_ name: String, _ target: String) {
        #expect(!ProbeTargets(names: ["else", name]).contain(target))
    }

    private static let probe = {
        var probe = PluginManifest.Standalone.Probe(
            path: "/probe", target: "endpoint",
            parameters: [.init(name: "module", setting: "module")])
        probe.replaces = ["servers", "list"]
        probe.credentials = [
            "password", "modules.<module>.password", "modules.<module>.headers.Authorization",
        ]
        probe.targets = "known"
        probe.withholds = ["ambient"]
        return probe
    }()

    private func refusal(
        _ settings: String, of target: String, isTargetTheirs: Bool = true
    ) throws -> String? {
        let settings = try JSONValue(parsing: settings)
        return ProbeCredentials(Self.probe, settings, isTargetTheirs: isTargetTheirs)
            .refusal(of: target, settings)
    }

    @Test(arguments: [
        (#"{"endpoint": "a:1", "password": "p"}"#, "a:1"), (#"{"password": ""}"#, "b:1"),
        (#"{"password": null}"#, "b:1"), ("{}", "b:1"),
        (#"{"servers": [{"endpoint": "b:1"}], "password": "p"}"#, "b:1"),
        (#"{"list": ["b:1"], "password": "p"}"#, "b:1"),
        (#"{"known": ["b:1"], "password": "p"}"#, "b:1"),
        (#"{"module": "open", "modules": {"m": {"password": "p"}, "open": {}}}"#, "b:1"),
    ])
    func mayBeAsked(_ settings: String, _ target: String) throws {
        #expect(try refusal(settings, of: target) == nil)
    }

    @Test(arguments: [
        (#"{"endpoint": "a:1", "password": "p"}"#, "password is only"),
        (
            #"{"module": "m", "modules": {"m": {"password": "p"}}}"#,
            "modules.module.password is only"
        ),
        // The module that is taken where none is named.
        (#"{"modules": {"m": {"password": "p"}}}"#, "modules.module.password is only"),
        (
            #"{"module": "m", "modules": {"m": {"headers": {"authorization": "p"}}}}"#,
            "headers.Authorization is only"
        ),
    ])
    func areRefused(_ settings: String, _ expected: String) throws {
        let text = try #require(try refusal(settings, of: "u:hunter2@b:1\n"))
        #expect(text.contains(expected) && text.contains("--set 'known=…@b:1'"), "\(text)")
        #expect(!text.contains("hunter2") && text.last == "\n")
    }

    /// The one that stands in for a target that is missing is nobody's.
    @Test func aPlaceholderIsNoName() throws {
        let settings = #"{"endpoint": "x", "password": "p"}"#
        #expect(try refusal(settings, of: "x", isTargetTheirs: false) != nil)
        #expect(try refusal(settings, of: "x") == nil)
    }

    @Test func switchesAreOffForOthers() throws {
        let schema = #"{"type": "object", "properties": {"ambient": {"type": "boolean"}}}"#
        let overlay = SettingOverlay(rows: optionRows(try JSONValue(parsing: schema)))
        let credentials = ProbeCredentials(
            Self.probe, try JSONValue(parsing: #"{"known": ["a:1"]}"#), isTargetTheirs: true)
        #expect(credentials.withheld(from: "a:1", overlay).isEmpty)
        #expect(
            credentials.withheld(from: "b:1", overlay).map { $0.serialized() } == [
                #"{"ambient":false}"#
            ])
    }
}
