import Testing
import WeirConfig
import WeirJSON

@testable import WeirRuntime

@Suite struct GraphPlanTests {
    static let catalog: ComponentCatalog = {
        let all = Set(WeirConfig.Signal.allCases)
        func component(
            _ kind: ComponentKind, _ type: String, _ takes: Set<WeirConfig.Signal>,
            _ gives: Set<WeirConfig.Signal>
        ) -> ComponentCatalog.Component {
            ComponentCatalog.Component(
                kind: kind, type: type, signalsIn: takes, signalsOut: gives,
                schema: .object([
                    JSONMember("type", .string("object")),
                    JSONMember("additionalProperties", .bool(true)),
                ]), summary: "",
                stability: .stable, deprecatedAliases: [])
        }
        return ComponentCatalog(components: [
            component(.receiver, "in", [], all), component(.processor, "pass", all, all),
            component(.sink, "out", all, []),
            component(.connector, "count", [.traces], [.metrics]),
            component(.extension, "disk", [], []),
        ])
    }()

    static func plan(_ text: String) throws -> GraphPlan {
        let outcome = loadConfiguration(
            [ConfigurationSource(name: "test", contents: Array(text.utf8))], catalog: catalog,
            environment: { _ in nil }, readFile: { _ in [] })
        let configuration = try #require(
            outcome.configuration, "\(outcome.diagnostics.map(\.message))")
        return GraphPlan(configuration)
    }

    static let config = """
        receivers: {in: , in/unused: }
        processors: {pass: }
        connectors: {count: }
        sinks: {out: , out/b: }
        service:
          pipelines:
            traces: {receivers: [in], processors: [pass], sinks: [out, count]}
            logs: {receivers: [in], processors: [pass], sinks: [out]}
            metrics: {receivers: [in, count], sinks: [out/b]}
        """

    @Test func sharesReceiversAndSinksAndNotProcessors() throws {
        let plan = try Self.plan(Self.config)
        #expect(
            plan.nodes.map(\.key).sorted() == [
                "connector count", "processor pass (logs)", "processor pass (traces)",
                "receiver in", "sink out", "sink out/b",
            ])
    }

    @Test func connectsEachSignalToItsOwn() throws {
        let plan = try Self.plan(Self.config)
        func outputs(_ key: String, _ signal: WeirConfig.Signal) -> [String] {
            let node = plan.nodes.first { $0.key == key }
            return (node?.outputs[signal] ?? []).map { plan.nodes[$0].key }
        }
        #expect(outputs("receiver in", .traces) == ["processor pass (traces)"])
        #expect(outputs("receiver in", .logs) == ["processor pass (logs)"])
        #expect(outputs("receiver in", .metrics) == ["sink out/b"])
        #expect(
            outputs("processor pass (traces)", .traces)
                == ["connector count", "sink out"].sorted { $0 > $1 })
        #expect(outputs("connector count", .metrics) == ["sink out/b"])
    }

    @Test func everyNodeComesAfterWhatFeedsIt() throws {
        let plan = try Self.plan(Self.config)
        let order = plan.fromSources
        #expect(Set(order) == Set(plan.nodes.indices))
        for (index, node) in plan.nodes.enumerated() {
            for target in node.outputs.values.joined() {
                #expect(order.firstIndex(of: index)! < order.firstIndex(of: target)!)
            }
        }
    }
}
