/// Reads, merges, expands and checks a configuration, and reports everything that is wrong with it
/// in one pass.
///
/// - Parameters:
///   - sources: The files, in order; later ones are laid over earlier ones.
///   - catalog: The components that there are.
///   - environment: Looks up a variable of `${env:NAME}`.
///   - readFile: Reads a file of `${file:PATH}`. The error's description is shown to the user.
///   - matchingFiles: The files that a pattern names, for `scrape_config_files` of a prometheus.yml.
package func loadConfiguration(
    _ sources: [ConfigurationSource], catalog: ComponentCatalog,
    environment: (String) -> String?, readFile: (String) throws -> [UInt8],
    matchingFiles: (String) -> [String] = { [$0] }
) -> ConfigurationOutcome {
    withoutActuallyEscaping(environment) { environment in
        withoutActuallyEscaping(readFile) { readFile in
            withoutActuallyEscaping(matchingFiles) { matchingFiles in
                var load = ConfigurationLoad(
                    environment: environment,
                    files: PrometheusReader.Files(read: readFile, matching: matchingFiles),
                    sources: sources)
                return load.run(catalog: catalog)
            }
        }
    }
}

/// One load: the document grows file by file, then it is expanded and checked.
private struct ConfigurationLoad {
    let environment: (String) -> String?
    let files: PrometheusReader.Files
    var sources: [ConfigurationSource]

    private let collector = DiagnosticCollector()
    private var document = YAMLNode(
        value: .mapping([]), location: SourceLocation(source: 0, line: 1, column: 1))
    private var broken: [[UInt8]] = []
    private var prometheus: [PrometheusReader] = []

    init(
        environment: @escaping (String) -> String?, files: PrometheusReader.Files,
        sources: [ConfigurationSource]
    ) {
        self.environment = environment
        self.files = files
        self.sources = sources
    }

    mutating func run(catalog: ComponentCatalog) -> ConfigurationOutcome {
        for (index, source) in sources.enumerated() { read(source, index) }
        var notes: [String] = []
        if let reader = prometheus.first { notes = reader.complete(&document) }
        let dialect = Dialect(of: document, broken: broken)
        let expanded = VariableExpander(
            dialect: dialect, environment: environment, readFile: files.read, collector: collector
        ).expand(document)
        var builder = ConfigurationBuilder(
            dialect: dialect, catalog: catalog, collector: collector, sources: sources,
            isIncomplete: !broken.isEmpty)
        let built = builder.build(expanded)
        let aliases = prometheus.flatMap(\.paths)
        collector.rename(aliases)
        let diagnostics = collector.diagnostics(in: sources)
        guard var configuration = built, !diagnostics.contains(where: { $0.severity == .error })
        else { return ConfigurationOutcome(configuration: nil, diagnostics: diagnostics) }
        configuration.warnings = diagnostics
        configuration.places = ConfigurationPlaces(
            document: expanded, dialect: dialect, sources: sources, aliases: aliases,
            secretSpans: collector.secretSpans)
        return ConfigurationOutcome(
            configuration: configuration, diagnostics: diagnostics,
            notes: notes + configuration.sharedSeries)
    }

    private mutating func read(_ source: ConfigurationSource, _ index: Int) {
        let root = YAMLComposer.compose(source.contents, source: index, reportingTo: collector)
        guard let root else {
            broken.append(source.contents)
            return
        }
        guard root.mapping != nil else {
            reportRoot(root, source.language, to: collector)
            broken.append(source.contents)
            return
        }
        guard source.language == .prometheus else {
            document = mergeDocuments(document, root)
            return
        }
        var reader = PrometheusReader(
            source: source, sources: sources, collector: collector, environment: environment,
            files: files)
        document = mergeDocuments(document, reader.read(root))
        sources = reader.sources
        prometheus.append(reader)
    }
}

/// Reports a document that is no mapping.
func reportRoot(
    _ root: YAMLNode, _ language: ConfigurationSource.Language,
    to collector: DiagnosticCollector
) {
    let sections =
        switch language {
        case .weir: "receivers, processors, sinks, service and so on"
        case .prometheus: "global, scrape_configs, remote_write and so on"
        }
    collector.report(
        .rootNotMapping, at: root.location, path: "",
        "a configuration is a mapping of sections", found: describeKind(root), expected: sections)
}
