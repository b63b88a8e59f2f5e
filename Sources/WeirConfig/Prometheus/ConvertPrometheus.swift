import WeirJSON

/// A prometheus.yml as a configuration of Weir.
package struct PrometheusConversion: Sendable {
    /// The configuration as YAML with comments; `nil` where the file is wrong.
    package var text: String?
    /// A password or token stands in clear text in it, as it did in the file.
    package var holdsSecrets = false
    package var diagnostics: [Diagnostic]
    package var notes: [String] = []
}

/// Writes the Weir configuration that does what a prometheus.yml does.
///
/// Running the file and running what is written give every component the same settings. What only
/// the components know, such as the keys of a scrape config, is not checked.
package func convertPrometheus(
    _ source: ConfigurationSource, environment: (String) -> String?,
    readFile: (String) throws -> [UInt8], matchingFiles: (String) -> [String] = { [$0] }
) -> PrometheusConversion {
    let collector = DiagnosticCollector()
    return withoutActuallyEscaping(environment) { environment in
        withoutActuallyEscaping(readFile) { readFile in
            withoutActuallyEscaping(matchingFiles) { matchingFiles in
                var reader = PrometheusReader(
                    source: source, sources: [source], collector: collector,
                    environment: environment,
                    files: PrometheusReader.Files(read: readFile, matching: matchingFiles))
                return convert(source, with: &reader)
            }
        }
    }
}

private func convert(
    _ source: ConfigurationSource, with reader: inout PrometheusReader
) -> PrometheusConversion {
    let collector = reader.collector
    guard let root = YAMLComposer.compose(source.contents, source: 0, reportingTo: collector)
    else { return PrometheusConversion(diagnostics: collector.diagnostics(in: [source])) }
    guard root.mapping != nil else {
        reportRoot(root, .prometheus, to: collector)
        return PrometheusConversion(diagnostics: collector.diagnostics(in: [source]))
    }
    var document = reader.read(root)
    let notes = reader.complete(&document)
    collector.rename(reader.paths)
    let diagnostics = collector.diagnostics(in: reader.sources)
    guard !diagnostics.contains(where: { $0.severity == .error }) else {
        return PrometheusConversion(diagnostics: diagnostics)
    }
    let sections = ["receivers", "sinks", "service"].compactMap { document[$0] }
    let json = JSONValue.object(sections.map { JSONMember($0.key, $0.node.written) })
    return PrometheusConversion(
        text: reader.heading(root) + json.yaml(), holdsSecrets: document.holdsSecrets,
        diagnostics: diagnostics, notes: notes)
}

extension PrometheusReader {
    /// What became of the file, as comments.
    fileprivate func heading(_ root: YAMLNode) -> String {
        var lines = [
            "A configuration of Weir that does what \(name) does; written by",
            "`weir convert prometheus`.",
        ]
        let rules = (root["global"]?.node.mapping ?? []).filter {
            PrometheusKeys.rules.contains($0.key)
        }
        if !leftOut.isEmpty || !rules.isEmpty { lines += ["", "Left out:"] }
        for entry in leftOut {
            let advice = PrometheusKeys.leftOut.first { $0.key == entry.key }?.advice ?? ""
            lines.append("- \(entry.key) (line \(entry.keyLocation.line)): \(advice)")
        }
        for entry in rules {
            lines.append(
                "- global.\(entry.key) (line \(entry.keyLocation.line)): it is about rules")
        }
        if sources.count > 1 {
            lines += ["", "The scrape configs of these files are part of it:"]
            lines += sources.dropFirst().map { "- \($0.name)" }
        }
        return lines.map { $0.isEmpty ? "#\n" : "# " + $0.replacing("\n", with: " ") + "\n" }
            .joined()
    }
}

extension YAMLNode {
    /// The value as it has to be written in Weir's dialect to mean what it means here.
    fileprivate var written: JSONValue {
        switch value {
        case .mapping(let entries):
            return .object(entries.map { JSONMember($0.key, $0.node.written) })
        case .sequence(let nodes): return .array(nodes.map(\.written))
        case .scalar(let scalar):
            guard case .string(let text) = scalar.resolved else { return scalar.json }
            return .string(scalar.isLiteral ? escapingVariables(text, dialect: .weir) : text)
        }
    }

    fileprivate var holdsSecrets: Bool { holdsSecrets(isSensitive: false) }

    private func holdsSecrets(isSensitive: Bool) -> Bool {
        switch value {
        case .mapping(let entries):
            entries.contains { $0.node.holdsSecrets(isSensitive: isSensitiveName($0.key)) }
        case .sequence(let nodes): nodes.contains { $0.holdsSecrets(isSensitive: isSensitive) }
        case .scalar(let scalar): isSensitive || maskingUserInfo(scalar.text) != scalar.text
        }
    }
}
