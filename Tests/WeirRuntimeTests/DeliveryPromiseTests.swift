import Testing
import WeirConfig
import WeirJSON

@testable import WeirRuntime

/// What receivers promise, and which sinks that depends on.
@Suite struct DeliveryPromiseTests {
    private static let catalog: ComponentCatalog = {
        var catalog = GraphPlanTests.catalog
        func open(_ kind: ComponentKind) {
            for index in catalog.components.indices where catalog.components[index].kind == kind {
                catalog.components[index].schema = .object([
                    JSONMember("type", .string("object")),
                    JSONMember("additionalProperties", .bool(true)),
                ])
            }
        }
        open(.receiver)
        open(.sink)
        return catalog
    }()

    private func load(_ text: String) throws -> Configuration {
        let outcome = loadConfiguration(
            [ConfigurationSource(name: "test", contents: Array(text.utf8))], catalog: Self.catalog,
            environment: { _ in nil }, readFile: { _ in [] })
        return try #require(outcome.configuration, "\(outcome.diagnostics.map(\.message))")
    }

    private static let config = """
        receivers: {in: {ack: delivered}, in/fast: , in/disk: {ack: durable}}
        connectors: {count: }
        sinks:
          out: {sending_queue: {storage: file_storage}}
          out/spare: {required: false}
          out/memory:
        service:
          pipelines:
            traces: {receivers: [in, in/fast], sinks: [out, out/spare, count]}
            metrics: {receivers: [count], sinks: [out/memory]}
            logs: {receivers: [in/disk], sinks: [out, out/spare]}
            logs/b: {receivers: [in], sinks: [out/spare]}
        """

    @Test func saysWhatIsPromised() throws {
        let configuration = try load(Self.config)
        #expect(
            DeliveryPromise.all(configuration).map(\.description) == [
                "in → traces: answered once out, out/memory delivered it; a client that stops "
                    + "waiting before, as while a sink is down, sends it twice (ack: delivered); "
                    + "not asked: out/spare (required: false)",
                "in/fast → traces: answered once it is queued in memory for out, out/memory; "
                    + "lost if the process dies (ack: enqueued); not asked: out/spare (required: false)",
                "in/disk → logs: answered once it is on disk for out (ack: durable); "
                    + "not asked: out/spare (required: false)",
                "in → logs/b: answered whatever becomes of it (ack: delivered); "
                    + "not asked: out/spare (required: false)",
            ])
        #expect(DeliveryPromise.faults(configuration).isEmpty)
    }

    @Test func durableNeedsStorageEverywhere() throws {
        let text = Self.config.replacing("in: {ack: delivered}", with: "in: {ack: durable}")
        let configuration = try load(text)
        let faults = try #require(configuration.places).diagnostics(
            DeliveryPromise.faults(configuration))
        #expect(faults.count == 1)
        #expect(faults[0].path == "receivers.in.ack", "\(faults[0].path)")
        for part in ["out/memory", "'traces'", "sending_queue.storage", "required: false"] {
            #expect(faults[0].message.contains(part))
        }
    }

    /// What spills keeps on disk only what memory has no room for; to set the storage that is set
    /// would be no cure.
    @Test func durableNeedsAllOfItOnDisk() throws {
        let configuration = try load(
            Self.config.replacing(
                "storage: file_storage}}", with: "storage: file_storage, overflow: spill}}"))
        let faults = DeliveryPromise.faults(configuration)
        #expect(faults.count == 1)
        #expect(faults[0].message.contains("take away sending_queue.overflow: spill there"))
        #expect(!faults[0].message.contains("set sending_queue.storage"))
    }

    @Test func aProcessorIsRequiredIfAnythingBehindItIs() throws {
        let plan = GraphPlan(
            try load(
                """
                receivers: {in: }
                processors: {pass: }
                sinks: {out: , out/spare: {required: false}}
                service:
                  pipelines:
                    traces: {receivers: [in], processors: [pass], sinks: [out, out/spare]}
                    logs: {receivers: [in], processors: [pass], sinks: [out/spare]}
                """))
        let required = Dictionary(
            uniqueKeysWithValues: zip(plan.nodes.map(\.key), plan.requiredNodes))
        #expect(
            required == [
                "receiver in": true, "processor pass (traces)": true,
                "processor pass (logs)": false, "sink out": true, "sink out/spare": false,
            ])
    }
}
