/// Where everything in a configuration stands, for what comes out once it was loaded: components
/// refuse settings that fit their schemas.
package struct ConfigurationPlaces: Sendable {
    let document: YAMLNode
    let dialect: Dialect
    let sources: [ConfigurationSource]
    let aliases: [PrometheusReader.PathAlias]
    let secretSpans: [SourceLocation]

    /// What is wrong with one component.
    package struct Fault: Sendable {
        package let kind: ComponentKind
        /// As in the configuration: "otlp" or "otlp/2".
        package let id: String
        /// May begin with a path below the component: "tls.ca_file: …". Each line is a fault.
        package let message: String
        package let code: DiagnosticCode

        package init(
            _ kind: ComponentKind, _ id: String, _ message: String,
            code: DiagnosticCode = .refusedSettings
        ) {
            self.kind = kind
            self.id = id
            self.message = message
            self.code = code
        }
    }

    /// The faults at the places of which they speak, in the order of the sources.
    package func diagnostics(_ faults: [Fault]) -> [Diagnostic] {
        let collector = DiagnosticCollector()
        for span in secretSpans { collector.markSecret(span) }
        for fault in faults {
            for message in fault.message.split(separator: "\n", omittingEmptySubsequences: false) {
                report(
                    Fault(fault.kind, fault.id, String(message), code: fault.code), to: collector)
            }
        }
        collector.rename(aliases)
        return collector.diagnostics(in: sources)
    }

    private func report(_ fault: Fault, to collector: DiagnosticCollector) {
        let section = dialect.section(of: fault.kind) ?? fault.kind.section
        let path = section.appending(key: fault.id)
        guard let entry = document[section]?.node[fault.id] else {
            return collector.report(
                fault.code, at: document.location, path: path, whole(fault, fault.message))
        }
        let secrets = secrets(in: entry.node)
        guard let inner = LeadingPath(fault.message),
            let location = place(of: inner.steps, in: entry.node)
        else {
            let text = hiding(secrets, in: fault.message)
            guard
                let steps = LeadingPath.mentioned(
                    in: fault.message, where: { isThere($0, entry.node) }),
                let location = place(of: steps, in: entry.node)
            else {
                return collector.report(
                    fault.code, at: entry.keyLocation, path: path, whole(fault, text))
            }
            return collector.report(
                fault.code, at: location, path: names(of: steps, below: path).path,
                whole(fault, text))
        }
        let (full, name) = names(of: inner.steps, below: path)
        let text = hiding(secrets, in: inner.message)
        let parts = fault.code.severity == .error ? ExpectedInstead(text) : nil
        collector.report(
            fault.code, at: location, path: full,
            parts == nil ? "'\(name)': \(text)" : "'\(name)' cannot have this value",
            found: parts?.found, expected: parts?.expected, suggestion: parts?.suggestion)
    }

    /// The whole path, and what its end is called.
    private func names(
        of steps: [LeadingPath.Step], below path: String
    ) -> (path: String, name: String) {
        var (full, name) = (path, "")
        for step in steps {
            switch step {
            case .key(let key):
                full = full.appending(key: key)
                name = key
            case .index(let index):
                full = full.appending(index: index)
                name = name.appending(index: index)
            }
        }
        return (full, name)
    }

    private func isThere(_ steps: [LeadingPath.Step], _ settings: YAMLNode) -> Bool {
        var node = settings
        for step in steps {
            switch step {
            case .key(let key):
                guard let entry = node[key] else { return false }
                node = entry.node
            case .index(let index):
                guard let items = node.sequence, items.indices.contains(index) else { return false }
                node = items[index]
            }
        }
        return true
    }

    private func whole(_ fault: Fault, _ message: String) -> String {
        "the \(dialect.name(of: fault.kind)) '\(fault.id)' "
            + (fault.code.severity == .error ? "cannot be made: " : "warns: ") + message
    }

    /// Components do not know which of their settings came from a variable, and quote them. The
    /// longest first: one may be a part of another.
    private func secrets(in node: YAMLNode) -> [String] {
        switch node.value {
        case .mapping(let entries): return longest(entries.flatMap { secrets(in: $0.node) })
        case .sequence(let nodes): return longest(nodes.flatMap { secrets(in: $0) })
        case .scalar(let scalar):
            let place = node.location
            let isSecret =
                scalar.expansion?.isTainted == true
                || secretSpans.contains {
                    $0.source == place.source && $0.line == place.line && $0.column == place.column
                }
            return isSecret && !scalar.text.isEmpty ? [scalar.text] : []
        }
    }

    private func longest(_ texts: [String]) -> [String] { texts.sorted { $0.count > $1.count } }

    private func hiding(_ secrets: [String], in message: String) -> String {
        secrets.reduce(message) { $0.replacing($1, with: redactedText) }
    }

    /// The place of the last step that is there, since what is wrong may be that the rest is not;
    /// `nil` where the first one is not: that is no path.
    private func place(of steps: [LeadingPath.Step], in settings: YAMLNode) -> SourceLocation? {
        var node = settings
        var found: SourceLocation?
        for step in steps {
            switch step {
            case .key(let key):
                guard let entry = node[key] else { return found }
                node = entry.node
                found = node.scalar == nil || node.isNull ? entry.keyLocation : node.location
            case .index(let index):
                guard let items = node.sequence, items.indices.contains(index) else { return found }
                node = items[index]
                found = node.location
            }
        }
        return found
    }
}
