import Testing
import WeirConfig

/// Two exporters of one type in front of one sink of Prometheus' give the same series.
@Suite struct SharedSeriesTests {
    private static let catalog = ComponentCatalog(
        components: testCatalog.components
            + prometheusCatalog.components.filter { $0.kind == .sink && $0.type == "prometheus" })

    @Test(arguments: [
        ("redis: {}", "redis/b: {}", "[]", true),
        ("redis: {labels: {server: a}}", "redis/b: {labels: {server: a}}", "[batch]", true),
        ("redis: {}", "redis/b: {labels: {server: b}}", "[]", false),
        ("redis/a: {labels: {server: a}}", "redis/b: {labels: {server: b}}", "[]", false),
    ])
    func areNamed(_ first: String, _ second: String, _ processors: String, _ isSaid: Bool) {
        let names = [first, second].map { $0.prefix { $0 != ":" } }
        let text = """
            exporters: {\(first), \(second)}
            processors: {batch: {}}
            sinks: {prometheus: {endpoint: "127.0.0.1:9464"}}
            service:
              pipelines:
                metrics: {exporters: [\(names.joined(separator: ", "))], processors: \(processors), sinks: [prometheus]}
            """
        let outcome = loadConfiguration(
            [ConfigurationSource(name: "a", contents: Array(text.utf8))], catalog: Self.catalog,
            environment: { _ in nil }, readFile: { _ in [] })
        #expect(outcome.errors.isEmpty, "\(outcome.text)")
        #expect(outcome.notes.contains { $0.contains("the same series") } == isSaid)
    }
}
