import Testing
import WeirJSON

@testable import WeirRuntime

@Suite struct StandaloneManifestTests {
    private static func read(_ standalone: String, kind: String = "exporter") throws
        -> PluginManifest
    {
        let json = try JSONValue(
            parsing: """
                {"id": "a", "version": "1.0.0", "license": "MIT", "summary": "A.", "components": [
                  {"kind": "\(kind)", "type": "a", "summary": "A.", "emits": ["metrics"],
                   "standalone": \(standalone)}]}
                """)
        return try ManifestReader(path: "a.so").manifest(json, minor: 0)
    }

    @Test func isRead() throws {
        let manifest = try Self.read(
            #"""
            {"name": "pg", "listen": "127.0.0.1:1", "endpoint": "endpoint", "probe": {"path": "/probe",
             "target": "endpoint", "parameters": {"auth_module": "auth.module"}, "replaces": ["all"],
             "credentials": ["password", "auth.<module>.password"], "targets": "known",
             "withholds": ["own"]}}
            """#)
        let standalone = try #require(manifest.components[0].standalone)
        #expect(standalone.name == "pg" && standalone.endpoint == "endpoint")
        var probe = PluginManifest.Standalone.Probe(
            path: "/probe", target: "endpoint",
            parameters: [.init(name: "auth_module", setting: "auth.module")])
        probe.replaces = ["all"]
        probe.credentials = ["password", "auth.<module>.password"]
        probe.targets = "known"
        probe.withholds = ["own"]
        #expect(standalone.probe == probe)
        #expect(
            try Self.read(#"{"name": "x", "listen": ":1"}"#).components[0].standalone?.probe == nil)
    }

    @Test(arguments: [
        ("[]", "components[0].standalone is not an object"),
        (#"{"listen": ":1"}"#, "standalone.name is missing"),
        (#"{"name": "x"}"#, "standalone.listen is missing"),
        (#"{"name": "x", "listen": ":1", "port": 1}"#, "standalone.port is unknown, expected name"),
        (
            #"{"name": "x", "listen": ":1", "probe": {"path": "/metrics", "target": "a"}}"#,
            "probe.path is \"/metrics\", expected a path of its own"
        ),
        (#"{"name": "x", "listen": ":1", "probe": {"path": "/p"}}"#, "probe.target is missing"),
        (
            #"{"name": "x", "listen": ":1", "probe": {"path": "/p", "target": "a", "parameters": {"b": 1}}}"#,
            "parameters.b is not the path of a setting"
        ),
        (
            #"{"name": "x", "listen": ":1", "probe": {"path": "/p", "target": "a", "replaces": [1]}}"#,
            "probe.replaces is no list"
        ),
        (
            #"{"name": "x", "listen": ":1", "probe": {"path": "/p", "target": "a", "credentials": "b"}}"#,
            "probe.credentials is no list"
        ),
    ])
    func isChecked(_ standalone: String, _ expected: String) {
        let error = #expect(throws: PluginLoadError.self) { try Self.read(standalone) }
        #expect(error?.reason.contains(expected) == true, "\(error?.reason ?? "")")
    }

    @Test func isForExporters() {
        let error = #expect(throws: PluginLoadError.self) {
            try Self.read(#"{"name": "x", "listen": ":1"}"#, kind: "receiver")
        }
        #expect(error?.reason.contains("is for exporters, not for a receiver") == true)
    }
}
