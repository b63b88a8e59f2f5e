/// Builds the node tree of one source from its events.
///
/// Aliases are copies of what they name. So that a small file cannot become a huge one ("billion
/// laughs"), what aliases add is counted, and so is depth.
struct YAMLComposer {
    static let maximumBytes = 8 << 20
    static let maximumDepth = 64
    static let maximumAliasedNodes = 20_000

    private struct Anchor {
        var node: YAMLNode
        var size: Int
        var height: Int
    }

    /// A node with what it weighs, aliases included.
    private struct Built {
        var node: YAMLNode
        var size = 1
        var height = 1
    }

    /// Ends the reading of this source; the fault was reported.
    private struct Stop: Error {}

    private let source: Int
    private let collector: DiagnosticCollector
    private var events: ArraySlice<YAMLEvent>
    private var anchors: [String: Anchor] = [:]
    private var openAnchors: Set<String> = []
    private var aliasedNodes = 0

    /// - Parameter empty: What an empty document is.
    /// - Returns: The document's root, `nil` where the source cannot be read to its end.
    static func compose(
        _ bytes: [UInt8], source: Int, empty: YAMLNode.Value = .mapping([]),
        reportingTo collector: DiagnosticCollector
    ) -> YAMLNode? {
        let start = SourceLocation(source: source, line: 1, column: 1)
        if bytes.count > maximumBytes {
            collector.report(
                .fileTooLarge, at: start, path: "", "the file is too large",
                found: "\(bytes.count) bytes", expected: "at most \(maximumBytes) bytes")
            return nil
        }
        let (events, error) = readYAMLEvents(bytes)
        var composer = YAMLComposer(source: source, collector: collector, events: events[...])
        let root = try? composer.document(empty: YAMLNode(value: empty, location: start))
        if let error {
            reportSyntaxError(error, in: bytes, source: source, to: collector)
            return nil
        }
        return root
    }

    private init(source: Int, collector: DiagnosticCollector, events: ArraySlice<YAMLEvent>) {
        self.source = source
        self.collector = collector
        self.events = events
    }

    private mutating func document(empty: YAMLNode) throws(Stop) -> YAMLNode {
        guard case .documentStart? = events.popFirst()?.kind else { return empty }
        guard let root = try node(depth: 1, path: "") else { throw Stop() }
        guard case .documentEnd? = events.popFirst()?.kind else { return root.node }
        if let second = events.first {
            collector.report(
                .severalDocuments, at: location(second), path: "",
                "a second document begins here", expected: "one document per file",
                suggestion: "put it into a file of its own and give both with --config")
            throw Stop()
        }
        if root.node.isNull { return empty }
        return root.node
    }

    private mutating func node(depth: Int, path: String) throws(Stop) -> Built? {
        guard let event = events.popFirst() else { return nil }
        let place = location(event)
        if depth > Self.maximumDepth { throw tooDeep(place, path) }
        switch event.kind {
        case .alias(let name):
            return try alias(name, at: place, depth: depth, path: path)
        case .scalar(let text, let isPlain, let tag, let anchor):
            let scalar = YAMLScalar(
                text: text, isPlain: isPlain, tag: known(tag, at: place, path: path))
            let built = Built(node: YAMLNode(value: .scalar(scalar), location: place))
            remember(anchor, built)
            return built
        case .sequenceStart(let tag, let anchor):
            _ = known(tag, at: place, path: path)
            if let anchor { openAnchors.insert(anchor) }
            let built = try sequence(at: place, depth: depth, path: path)
            remember(anchor, built)
            return built
        case .mappingStart(let tag, let anchor):
            _ = known(tag, at: place, path: path)
            if let anchor { openAnchors.insert(anchor) }
            let built = try mapping(at: place, depth: depth, path: path)
            remember(anchor, built)
            return built
        case .documentStart, .documentEnd, .sequenceEnd, .mappingEnd:
            return nil
        }
    }

    private mutating func sequence(
        at place: SourceLocation, depth: Int, path: String
    ) throws(Stop) -> Built {
        var nodes: [YAMLNode] = []
        var (size, height) = (1, 1)
        while let item = try node(depth: depth + 1, path: path.appending(index: nodes.count)) {
            nodes.append(item.node)
            size += item.size
            height = max(height, item.height + 1)
        }
        return Built(
            node: YAMLNode(value: .sequence(nodes), location: place), size: size, height: height)
    }

    private mutating func mapping(
        at place: SourceLocation, depth: Int, path: String
    ) throws(Stop) -> Built {
        var entries: [YAMLEntry] = []
        var merges: [(node: YAMLNode, location: SourceLocation)] = []
        var firstUse: [String: SourceLocation] = [:]
        var (size, height) = (1, 1)
        while let keyNode = try node(depth: depth + 1, path: path) {
            let keyScalar = keyNode.node.scalar
            let keyPath = keyScalar.map { path.appending(key: $0.text) } ?? path
            guard let value = try node(depth: depth + 1, path: keyPath) else { break }
            size += keyNode.size + value.size
            height = max(height, value.height + 1)
            guard let keyScalar else {
                collector.report(
                    .keyNotScalar, at: keyNode.node.location, path: path,
                    "a key must be a plain word", found: describeKind(keyNode.node),
                    suggestion: "quote text that begins with '{' or '['")
                continue
            }
            let key = keyScalar.text
            if key == "<<", keyScalar.isPlain {
                merges.append((value.node, keyNode.node.location))
                continue
            }
            if let first = firstUse[key] {
                collector.report(
                    .duplicateKey, at: keyNode.node.location, path: keyPath,
                    "the key '\(key)' stands twice in the same mapping",
                    found: "it was first used in line \(first.line)",
                    suggestion: "merge both, or remove one")
                continue
            }
            firstUse[key] = keyNode.node.location
            entries.append(
                YAMLEntry(key: key, keyLocation: keyNode.node.location, node: value.node))
        }
        for merge in merges { apply(merge.node, at: merge.location, to: &entries, path: path) }
        return Built(
            node: YAMLNode(value: .mapping(entries), location: place), size: size, height: height)
    }

    /// `<<`: keys that are written out win, then the earlier of several merged mappings.
    private func apply(
        _ merged: YAMLNode, at place: SourceLocation, to entries: inout [YAMLEntry], path: String
    ) {
        let mappings = merged.sequence ?? [merged]
        for mapping in mappings {
            guard let additions = mapping.mapping else {
                collector.report(
                    .badMergeKey, at: place, path: path, "'<<' merges mappings",
                    found: describeKind(mapping), expected: "an alias such as *defaults")
                continue
            }
            var present = Set(entries.map(\.key))
            for entry in additions where present.insert(entry.key).inserted {
                entries.append(entry)
            }
        }
    }

    private mutating func alias(
        _ name: String, at place: SourceLocation, depth: Int, path: String
    ) throws(Stop) -> Built {
        guard let anchor = anchors[name], !openAnchors.contains(name) else {
            let isInside = openAnchors.contains(name)
            collector.report(
                .unknownAlias, at: place, path: path,
                isInside
                    ? "the alias '*\(name)' stands inside of the anchor that it names"
                    : "no anchor '&\(name)' comes before this alias",
                suggestion: isInside
                    ? nil : nearestName(to: name, in: anchors.keys.sorted()).map(didYouMean))
            return Built(
                node: YAMLNode(value: .mapping([]), location: place))
        }
        aliasedNodes += anchor.size
        if aliasedNodes > Self.maximumAliasedNodes {
            collector.report(
                .tooManyAliases, at: place, path: path, "aliases make this document too large",
                expected: "at most \(Self.maximumAliasedNodes) nodes by way of aliases")
            throw Stop()
        }
        if depth + anchor.height - 1 > Self.maximumDepth { throw tooDeep(place, path) }
        return Built(node: anchor.node, size: anchor.size, height: anchor.height)
    }

    private mutating func remember(_ anchor: String?, _ built: Built) {
        guard let anchor else { return }
        openAnchors.remove(anchor)
        anchors[anchor] = Anchor(node: built.node, size: built.size, height: built.height)
    }

    private func known(_ tag: String?, at place: SourceLocation, path: String) -> YAMLTag? {
        guard let tag, tag != "!" else { return tag == nil ? nil : .string }
        if let known = YAMLTag(rawValue: tag) { return known }
        collector.report(
            .unknownTag, at: place, path: path, "unknown tag '\(tag)'",
            expected: "no tag, or !!str, !!int, !!float, !!bool, !!null")
        return nil
    }

    private func tooDeep(_ place: SourceLocation, _ path: String) -> Stop {
        collector.report(
            .nestedTooDeep, at: place, path: "", "values are nested too deep",
            expected: "at most \(Self.maximumDepth) levels")
        return Stop()
    }

    private func location(_ event: YAMLEvent) -> SourceLocation {
        let isOneLine = event.start.line == event.end.line
        return SourceLocation(
            source: source, line: event.start.line, column: event.start.column,
            length: isOneLine ? max(0, event.end.column - event.start.column) : 0)
    }
}
