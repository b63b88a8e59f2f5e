/// Turns an expanded document into a configuration, section by section.
struct ConfigurationBuilder {
    /// A component as the document defines it, whether or not its settings are right.
    struct Definition {
        var id: ComponentID
        var kind: ComponentKind
        /// `nil` where the type is unknown; that was reported.
        var component: ComponentCatalog.Component?
        var value: SettingsValidator.Value?
        var location: SourceLocation
        var path: String
        var isUsed = false
    }

    let dialect: Dialect
    let catalog: ComponentCatalog
    let collector: DiagnosticCollector
    let sources: [ConfigurationSource]
    /// A source could not be parsed: what is missing may stand there.
    let isIncomplete: Bool

    var definitions: [Definition] = []
    var pipelines: [PipelineDraft] = []
    var extensions: [ComponentID] = []
    /// Ids and kinds that could not be read. What names them is not wrong as well.
    var rejectedIDs: Set<String> = []
    var rejectedKinds: Set<ComponentKind> = []
    /// Some pipeline could not be read, so nothing can be said about what is unused.
    var hasRejectedPipelines = false

    init(
        dialect: Dialect, catalog: ComponentCatalog, collector: DiagnosticCollector,
        sources: [ConfigurationSource], isIncomplete: Bool
    ) {
        self.dialect = dialect
        self.catalog = catalog
        self.collector = collector
        self.sources = sources
        self.isIncomplete = isIncomplete
    }

    mutating func build(_ document: YAMLNode) -> Configuration? {
        let known = dialect.sections.map(\.name) + ["service"]
        for entry in document.mapping ?? [] where !known.contains(entry.key) {
            // Keys beginning with "x-" hold anchors, as in Compose files.
            if entry.key.hasPrefix("x-") { continue }
            collector.report(
                .unknownSection, at: entry.keyLocation, path: entry.key,
                "unknown section '\(entry.key)'", expected: listed(known),
                suggestion: PrometheusKeys.sections.contains(entry.key)
                    ? "a prometheus.yml is given with --prometheus"
                    : nearestName(to: entry.key, in: known).map(didYouMean))
        }
        for (section, kind) in dialect.sections {
            guard let entry = document[section] else { continue }
            readSection(entry, kind: kind)
        }
        let service = readService(document["service"], documentStart: document.location)
        checkGraph()
        guard let service else { return nil }
        return Configuration(
            dialect: dialect,
            components: definitions.compactMap { definition in
                guard let value = definition.value, let component = definition.component else {
                    return nil
                }
                return Configuration.Component(
                    id: definition.id, kind: definition.kind, type: component.type,
                    settings: value.settings, printed: value.printed,
                    location: position(definition.location), isUsed: definition.isUsed)
            },
            pipelines: pipelines.map { $0.pipeline(at: position($0.location), service) },
            extensions: extensions, service: service, warnings: [])
    }

    func position(_ location: SourceLocation) -> SourcePosition {
        let isKnown = sources.indices.contains(location.source)
        return SourcePosition(
            file: isKnown ? sources[location.source].name : "", line: location.line,
            column: location.column)
    }
}
