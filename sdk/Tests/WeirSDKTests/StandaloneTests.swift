import Testing
import WeirJSON
import WeirSDK

@testable import WeirTestKit

/// What the conformance suite says of `standalone` in an exporter's metadata.
struct StandaloneTests {
    private static func faults(_ standalone: String) throws -> [String] {
        let json = try JSONValue(
            parsing: """
                {"kind": "exporter", "type": "x", "standalone": \(standalone),
                 "settings": {"type": "object", "additionalProperties": false, "properties": {
                   "endpoint": {"type": "string"},
                   "tls": {"type": "object", "properties": {"ca_file": {"type": "string"}}},
                   "tags": {"type": "object", "additionalProperties": {"type": "string"}}}}}
                """)
        return standaloneFaults(ComponentMetadata(json: json), "x")
    }

    @Test(arguments: [
        #"{"name": "x", "listen": "127.0.0.1:1"}"#,
        #"{"name": "x", "listen": ":1", "endpoint": "endpoint"}"#,
        #"""
        {"name": "x", "listen": ":1", "probe": {"path": "/probe", "target": "endpoint",
         "parameters": {"ca": "tls.ca_file", "time": "timeout", "tag": "tags.any"}}}
        """#,
    ])
    func goodOnesPass(_ standalone: String) throws {
        #expect(try Self.faults(standalone) == [])
    }

    @Test(arguments: [
        ("7", "expected an object"), (#"{"listen": ":1"}"#, "standalone.name is missing"),
        (#"{"name": "x", "listen": ""}"#, "standalone.listen is missing or empty"),
        (#"{"name": "x", "listen": ":1", "port": 1}"#, "unknown key port"),
        (#"{"name": "x", "listen": ":1", "endpoint": "server"}"#, "has no setting server"),
        (
            #"{"name": "x", "listen": ":1", "probe": {"path": "/metrics", "target": "endpoint"}}"#,
            "expected a path of its own"
        ),
        (#"{"name": "x", "listen": ":1", "probe": {"path": "/p"}}"#, "the path of a setting"),
        (
            #"{"name": "x", "listen": ":1", "probe": {"path": "/p", "target": "endpoint", "parameters": {"a": "tls.cert"}}}"#,
            "has no setting tls.cert"
        ),
    ])
    func badOnesFail(_ standalone: String, _ expected: String) throws {
        let faults = try Self.faults(standalone)
        #expect(faults.count == 1 && faults[0].contains(expected), "\(faults)")
    }
}
