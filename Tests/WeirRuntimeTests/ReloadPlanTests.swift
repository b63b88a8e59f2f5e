import Testing
import WeirConfig
import WeirJSON

@testable import WeirRuntime

/// What a reload does with each component, from the difference of two configurations.
@Suite struct ReloadPlanTests {
    private static let before = """
        receivers: {in: {port: 1}, in/b: }
        processors: {pass: {size: 1}}
        sinks: {out: {tls: {ca: a, key: b}}, out/b: }
        service:
          pipelines:
            traces: {receivers: [in], processors: [pass], sinks: [out]}
            logs: {receivers: [in/b], processors: [pass], sinks: [out, out/b]}
        """

    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var old: String
        var new: String
        var expected: [String]
        var testDescription: String { name }
    }

    private static let cases: [Case] = [
        Case(
            name: "nothing", old: "traces:", new: "traces:",
            expected: [
                "kept       processor pass (logs)", "kept       processor pass (traces)",
                "kept       receiver in", "kept       receiver in/b", "kept       sink out",
                "kept       sink out/b",
            ]),
        Case(
            name: "a setting of a sink", old: "key: b", new: "key: c",
            expected: [
                "kept       processor pass (logs)", "kept       processor pass (traces)",
                "kept       receiver in", "kept       receiver in/b", "kept       sink out/b",
                "restarted  sink out (tls.key)",
            ]),
        Case(
            name: "the order of settings", old: "ca: a, key: b", new: "key: b, ca: a",
            expected: [
                "kept       processor pass (logs)", "kept       processor pass (traces)",
                "kept       receiver in", "kept       receiver in/b", "kept       sink out",
                "kept       sink out/b",
            ]),
        Case(
            name: "a processor, in each of its pipelines", old: "size: 1", new: "size: 2, more: x",
            expected: [
                "kept       receiver in", "kept       receiver in/b", "kept       sink out",
                "kept       sink out/b", "restarted  processor pass (logs) (size, more)",
                "restarted  processor pass (traces) (size, more)",
            ]),
        Case(
            name: "a sink of one pipeline goes", old: "sinks: [out, out/b]", new: "sinks: [out]",
            expected: [
                "kept       processor pass (logs) (outputs)", "kept       processor pass (traces)",
                "kept       receiver in", "kept       receiver in/b", "kept       sink out",
                "removed    sink out/b",
            ]),
        Case(
            name: "a pipeline's share of the memory", old: "traces: {",
            new: "traces: {memory: {limit: 1MiB}, ",
            expected: [
                "kept       processor pass (logs)", "kept       processor pass (traces)",
                "kept       receiver in (memory)", "kept       receiver in/b",
                "kept       sink out", "kept       sink out/b",
            ]),
        Case(
            name: "a processor goes", old: "receivers: [in], processors: [pass]",
            new: "receivers: [in]",
            expected: [
                "kept       processor pass (logs)", "kept       receiver in (outputs)",
                "kept       receiver in/b", "kept       sink out", "kept       sink out/b",
                "removed    processor pass (traces)",
            ]),
        Case(
            name: "a pipeline comes", old: "    logs:",
            new: "    metrics: {receivers: [in], sinks: [out/b]}\n    logs:",
            expected: [
                "kept       processor pass (logs)", "kept       processor pass (traces)",
                "kept       receiver in (outputs)", "kept       receiver in/b",
                "kept       sink out", "kept       sink out/b",
            ]),
        Case(
            name: "a receiver has another name", old: "in/b", new: "in/c",
            expected: [
                "added      receiver in/c", "kept       processor pass (logs)",
                "kept       processor pass (traces)", "kept       receiver in",
                "kept       sink out", "kept       sink out/b", "removed    receiver in/b",
            ]),
    ]

    @Test(arguments: cases) func table(_ test: Case) throws {
        let plan = ReloadPlan(
            from: try GraphPlanTests.plan(Self.before),
            to: try GraphPlanTests.plan(Self.before.replacing(test.old, with: test.new)))
        #expect(plan.text.split(separator: "\n").map(String.init).sorted() == test.expected)
        let isSame = ["nothing", "the order of settings"].contains(test.name)
        #expect(plan.isEmpty == isSame)
    }

    /// An extension that changes takes along what names it.
    @Test func whatUsesAnExtensionIsRestartedWithIt() throws {
        func settings(_ text: String) throws -> JSONValue { try JSONValue(parsing: text) }
        let text = #"{"sending_queue": {"storage": "disk/1"}, "other": ["disk/2"]}"#
        #expect(try settings(text).differences(from: settings(text)) == [])
        let config = """
            receivers: {in: }
            extensions: {disk/1: {at: a}, disk/2: {at: b}}
            sinks: {out: {sending_queue: {storage: disk/1}}, out/b: {storage: disk/2}}
            service:
              extensions: [disk/1, disk/2]
              pipelines: {logs: {receivers: [in], sinks: [out, out/b]}}
            """
        let plan = ReloadPlan(
            from: try GraphPlanTests.plan(config),
            to: try GraphPlanTests.plan(config.replacing("at: a", with: "at: c")))
        #expect(plan.keys(.restarted) == ["extension disk/1", "sink out"])
        #expect(plan.keys(.kept) == ["extension disk/2", "receiver in", "sink out/b"])
    }

    /// A value that is a secret is never in a plan, only where it stands.
    @Test func noValuesAreShown() throws {
        let plan = ReloadPlan(
            from: try GraphPlanTests.plan(Self.before),
            to: try GraphPlanTests.plan(Self.before.replacing("key: b", with: "key: hunter2")))
        #expect(!plan.text.contains("hunter2") && !plan.json.serialized().contains("hunter2"))
        #expect(
            plan.json["restarted"]?.arrayValue?.first?["changes"] == .array([.string("tls.key")]))
    }
}
