/// Reads, merges, expands and checks a configuration, and reports everything that is wrong with it
/// in one pass.
///
/// - Parameters:
///   - sources: The files of several `--config`, in order; later ones are laid over earlier ones.
///   - catalog: The components that there are.
///   - environment: Looks up a variable of `${env:NAME}`.
///   - readFile: Reads a file of `${file:PATH}`. The error's description is shown to the user.
package func loadConfiguration(
    _ sources: [ConfigurationSource], catalog: ComponentCatalog,
    environment: (String) -> String?, readFile: (String) throws -> [UInt8]
) -> ConfigurationOutcome {
    let collector = DiagnosticCollector()
    let start = SourceLocation(source: 0, line: 1, column: 1)
    var document = YAMLNode(value: .mapping([]), location: start)
    var broken: [[UInt8]] = []
    for (index, source) in sources.enumerated() {
        let root = YAMLComposer.compose(source.contents, source: index, reportingTo: collector)
        guard let root else {
            broken.append(source.contents)
            continue
        }
        guard root.mapping != nil else {
            collector.report(
                .rootNotMapping, at: root.location, path: "",
                "a configuration is a mapping of sections", found: describeKind(root),
                expected: "receivers, processors, sinks, service and so on")
            broken.append(source.contents)
            continue
        }
        document = mergeDocuments(document, root)
    }
    let dialect = Dialect(of: document, broken: broken)
    let expanded = withoutActuallyEscaping(environment) { environment in
        withoutActuallyEscaping(readFile) { readFile in
            VariableExpander(
                dialect: dialect, environment: environment, readFile: readFile,
                collector: collector
            ).expand(document)
        }
    }
    var builder = ConfigurationBuilder(
        dialect: dialect, catalog: catalog, collector: collector, sources: sources,
        isIncomplete: !broken.isEmpty)
    let built = builder.build(expanded)
    let diagnostics = collector.diagnostics(in: sources)
    guard var configuration = built, !diagnostics.contains(where: { $0.severity == .error }) else {
        return ConfigurationOutcome(configuration: nil, diagnostics: diagnostics)
    }
    configuration.warnings = diagnostics
    return ConfigurationOutcome(configuration: configuration, diagnostics: diagnostics)
}
