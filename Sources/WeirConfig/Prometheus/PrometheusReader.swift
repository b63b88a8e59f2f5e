/// Turns a prometheus.yml into the sections of a Weir configuration that do the same.
///
/// `scrape_configs` become one receiver `prometheus`, each remote write becomes a sink
/// `prometheusremotewrite`, and one pipeline connects them. The nodes keep the places at which they
/// stand in the file, so whatever is wrong with them is reported there.
struct PrometheusReader {
    /// How the dialect reaches other files.
    struct Files {
        var read: (String) throws -> [UInt8]
        /// The files that match a pattern with `*`, `?` and `[…]`, in alphabetical order.
        var matching: (String) -> [String]
    }

    let name: String
    let folder: String
    let collector: DiagnosticCollector
    let environment: (String) -> String?
    let files: Files
    /// The sources of the load. Files that the configuration includes are added to them.
    var sources: [ConfigurationSource]

    /// What a key of the Weir configuration is called in the file from which it comes.
    private(set) var paths: [PathAlias] = []
    /// Sections that are in the file and do nothing.
    private(set) var leftOut: [YAMLEntry] = []
    private(set) var jobs: [String] = []
    /// What remote writes are called here, and where they go.
    var writes: [(id: ComponentID, url: String)] = []

    struct PathAlias: Sendable {
        var prefix: String
        var replacement: String
        /// Only in this file.
        var source: Int
        /// What messages call it by, and what they should.
        var word: (String, String)?

        func fits(_ path: String) -> Bool {
            guard path.hasPrefix(prefix) else { return false }
            let rest = path.dropFirst(prefix.count)
            return prefix.hasSuffix(".") || rest.isEmpty || rest.first == "." || rest.first == "["
        }
    }

    init(
        source: ConfigurationSource, sources: [ConfigurationSource],
        collector: DiagnosticCollector, environment: @escaping (String) -> String?, files: Files
    ) {
        name = source.name
        folder = WeirConfig.folder(of: source.name)
        self.sources = sources
        self.collector = collector
        self.environment = environment
        self.files = files
    }

    mutating func read(_ root: YAMLNode) -> YAMLNode {
        checkSections(root)
        let values = PrometheusValues(folder: folder)
        let receiver = readScraping(root, values)
        let labels = readExternalLabels(root)
        let sinks = readRemoteWrites(root, values, labels: labels)
        let list = YAMLNode(
            value: .sequence(sinks.map { .text($0.key, at: $0.keyLocation) }),
            location: root.location)
        var pipeline = [
            YAMLEntry(
                "receivers",
                YAMLNode(
                    value: .sequence([.text("prometheus", at: root.location)]),
                    location: root.location))
        ]
        if !sinks.isEmpty { pipeline.append(YAMLEntry("sinks", list)) }
        var sections = [YAMLEntry("receivers", .mapping([receiver], at: root.location))]
        if !sinks.isEmpty {
            sections.append(YAMLEntry("sinks", .mapping(sinks, at: root.location)))
        }
        let metrics = YAMLEntry("metrics", .mapping(pipeline, at: root.location))
        let pipelines = YAMLEntry("pipelines", .mapping([metrics], at: root.location))
        sections.append(YAMLEntry("service", .mapping([pipelines], at: root.location)))
        return .mapping(sections, at: root.location)
    }

    mutating func alias(
        _ prefix: String, _ replacement: String, in source: Int, word: (String, String)? = nil
    ) {
        paths.append(
            PathAlias(prefix: prefix, replacement: replacement, source: source, word: word))
    }

    mutating func adopt(_ aliases: [PathAlias]) { paths += aliases }

    private mutating func checkSections(_ root: YAMLNode) {
        for entry in root.mapping ?? [] {
            if let advice = PrometheusKeys.leftOut.first(where: { $0.key == entry.key })?.advice {
                if entry.node.isEmpty { continue }
                leftOut.append(entry)
                collector.report(
                    .noEffect, at: entry.keyLocation, path: entry.key,
                    "'\(entry.key)' has no effect in Weir", suggestion: advice)
            } else if !PrometheusKeys.read.contains(entry.key) {
                let isWeir = ["receivers", "sinks", "exporters", "service"].contains(entry.key)
                collector.report(
                    .unknownSection, at: entry.keyLocation, path: entry.key,
                    "unknown section '\(entry.key)' of a prometheus.yml",
                    expected: listed(PrometheusKeys.sections),
                    suggestion: isWeir
                        ? "a configuration of Weir or of the Collector is given with --config"
                        : nearestName(to: entry.key, in: PrometheusKeys.sections).map(didYouMean))
            }
        }
    }

    private mutating func readScraping(_ root: YAMLNode, _ values: PrometheusValues) -> YAMLEntry {
        var members: [YAMLEntry] = []
        let defaults = readGlobal(root["global"], values)
        if let defaults, !defaults.node.isEmpty { members.append(defaults) }
        var place = root.location
        var items: [YAMLNode] = []
        if let entry = root["scrape_configs"], !entry.node.isNull {
            place = entry.keyLocation
            guard let list = entry.node.sequence else {
                reportType(entry, expected: "a list of scrape configs")
                return receiver(members, at: place)
            }
            items = list.map { values.read($0, key: entry.key, parent: "") }
        }
        let source = root.location.source
        alias("receivers.prometheus.config.", "", in: source)
        items += includedScrapeConfigs(root["scrape_config_files"], after: items.count)
        checkScrapeConfigs(items, defaults: defaults?.node)
        jobs = items.compactMap { $0["job_name"]?.node.scalar?.text }
        if items.isEmpty {
            // What is misspelled was reported, and may be what is missing.
            if collector.hasErrors(since: 0) { return receiver(members, at: place) }
            collector.report(
                .nothingToDo, at: place, path: "scrape_configs",
                "there are no scrape configs, so nothing is scraped")
        } else {
            members.append(
                YAMLEntry(
                    key: "scrape_configs", keyLocation: place,
                    node: YAMLNode(value: .sequence(items), location: place)))
        }
        return receiver(members, at: place)
    }

    private func receiver(_ members: [YAMLEntry], at place: SourceLocation) -> YAMLEntry {
        let config = YAMLEntry(
            key: "config", keyLocation: place, node: .mapping(members, at: place))
        return YAMLEntry(
            key: "prometheus", keyLocation: place, node: .mapping([config], at: place))
    }

    /// `global` without what is not about scraping.
    private func readGlobal(_ entry: YAMLEntry?, _ values: PrometheusValues) -> YAMLEntry? {
        guard let entry, !entry.node.isNull else { return nil }
        guard let members = entry.node.mapping else {
            reportType(entry, expected: "a mapping")
            return nil
        }
        for member in members where !PrometheusKeys.global.contains(member.key) {
            collector.report(
                .unknownKey, at: member.keyLocation, path: "global".appending(key: member.key),
                "unknown key '\(member.key)'", expected: listed(PrometheusKeys.global, limit: 32),
                suggestion: nearestName(to: member.key, in: PrometheusKeys.global).map(didYouMean))
        }
        let kept = members.filter { PrometheusKeys.scrapeDefaults.contains($0.key) }
        return YAMLEntry(
            key: entry.key, keyLocation: entry.keyLocation,
            node: .mapping(kept.compactMap { values.read($0) }, at: entry.node.location))
    }

    func reportType(_ entry: YAMLEntry, expected: String) {
        collector.report(
            .wrongType, at: entry.node.location, path: entry.key,
            "'\(entry.key)' has the wrong type", found: describe(entry.node), expected: expected)
    }
}

extension YAMLNode {
    static func mapping(_ entries: [YAMLEntry], at place: SourceLocation) -> YAMLNode {
        YAMLNode(value: .mapping(entries), location: place)
    }

    static func text(_ text: String, at place: SourceLocation) -> YAMLNode {
        YAMLNode(
            value: .scalar(YAMLScalar(text: text, isPlain: false, tag: nil, isLiteral: true)),
            location: place)
    }

    /// Nothing, or a list or mapping without anything in it.
    var isEmpty: Bool { isNull || sequence?.isEmpty == true || mapping?.isEmpty == true }
}

extension YAMLEntry {
    /// An entry that stands nowhere: its place is that of its value.
    init(_ key: String, _ node: YAMLNode) {
        self.init(key: key, keyLocation: node.location, node: node)
    }
}
