import Testing
import WeirSDK
import WeirTestKit

/// The conformance suite fails where it should, and only there.
struct ConformanceTests {
    @Test func goodPluginPasses() throws {
        try conformance(BadPlugins.plugin(BadPlugins.Good.self), json: BadPlugins.json)
    }

    @Test(arguments: [
        (BadPlugins.plugin(BadPlugins.Loses.self), "neither emitted nor dropped"),
        (BadPlugins.plugin(BadPlugins.Leaks.self), "were leaked"),
        (BadPlugins.plugin(BadPlugins.Miscounts.self), "items and has"),
        (BadPlugins.plugin(BadPlugins.Corrupts.self), "not well-formed"),
        (BadPlugins.plugin(BadPlugins.Hasty.self), "buffer_make() inside create()"),
        (BadPlugins.plugin(BadPlugins.Ticks.self), "timers were not cancelled"),
        (BadPlugins.plugin(BadPlugins.ReadsMore.self), "the settings read depth"),
        (BadPlugins.plugin(BadPlugins.ReadsLess.self), "the schema has size"),
    ])
    func badPluginFails(_ plugin: Plugin, _ expected: String) {
        let failure = #expect(throws: TestFailure.self) {
            try conformance(plugin, json: BadPlugins.json)
        }
        #expect(failure?.description.contains(expected) == true, "\(failure?.description ?? "")")
    }

    /// What is replaced in good metadata, and what the suite says of it.
    @Test(arguments: [
        (#""id": "test.bad""#, #""id": "test.other""#, "has id \"test.other\""),
        (#""version": "1.0.0""#, #""version": "2.0.0""#, "has version \"2.0.0\""),
        (#""kind": "processor""#, #""kind": "proccessor""#, "kind is missing or none"),
        (#""type": "bad""#, #""type": "worse""#, "lacks the processor bad"),
        (#""consumes": ["logs"],"#, "", "consumes is missing"),
        (#""emits": ["logs"]"#, #""emits": ["log"]"#, "is not a signal"),
        (#""additionalProperties": false, "#, "", "additionalProperties"),
        (#", "description": "A size.""#, "", "description is missing"),
        (#""stability": "alpha""#, #""stability": "fine""#, "stability"),
        (#""stability""#, #""queue": true, "stability""#, "queue is for sinks"),
        (
            #""stability""#, #""acknowledges": true, "stability""#,
            "acknowledges is for receivers"
        ),
        (#""stability""#, #""standalone": {}, "stability""#, "standalone is for exporters"),
        (#""summary": "Bad.","#, #""sumary": "Bad.", "summary": "Bad.","#, "unknown key"),
    ])
    func badMetadataFails(_ old: String, _ new: String, _ expected: String) throws {
        let range = try #require(BadPlugins.json.firstRange(of: old))
        var json = BadPlugins.json
        json.replaceSubrange(range, with: new)
        let failure = #expect(throws: TestFailure.self) {
            try conformance(BadPlugins.plugin(BadPlugins.Good.self), json: json)
        }
        #expect(failure?.description.contains(expected) == true, "\(failure?.description ?? "")")
    }
}
