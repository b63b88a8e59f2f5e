/// Gathers the diagnostics of one load, so that every fault is reported in one pass.
///
/// A class, because the passes share it; it never leaves the load that made it.
final class DiagnosticCollector {
    struct Finding {
        var code: DiagnosticCode
        var location: SourceLocation
        var path: String
        var message: String
        var found: String?
        var expected: String?
        var suggestion: String?
    }

    private(set) var findings: [Finding] = []
    /// Places that hold a secret in clear text, to be masked in excerpts.
    private(set) var secretSpans: [SourceLocation] = []

    func report(
        _ code: DiagnosticCode, at location: SourceLocation, path: String, _ message: String,
        found: String? = nil, expected: String? = nil, suggestion: String? = nil
    ) {
        findings.append(
            Finding(
                code: code, location: location, path: path, message: message, found: found,
                expected: expected, suggestion: suggestion))
    }

    func markSecret(_ location: SourceLocation) { secretSpans.append(location) }

    var count: Int { findings.count }

    /// Whether an error, not a mere warning, was reported since `count` was `mark`.
    func hasErrors(since mark: Int) -> Bool {
        findings[mark...].contains { $0.code.severity == .error }
    }

    /// Takes back what was reported since `count` was `mark`: for alternatives that are only tried.
    func takeBack(to mark: Int) -> [Finding] {
        let taken = Array(findings[mark...])
        findings.removeSubrange(mark...)
        return taken
    }

    func append(_ more: [Finding]) { findings += more }

    /// Forgets the places that `body` marks: what it reads stands in no source.
    func withoutSecrets<T>(_ body: () -> T) -> T {
        let mark = secretSpans.count
        defer { secretSpans.removeSubrange(mark...) }
        return body()
    }

    /// Names places as the file does in which they stand: the first alias that fits wins.
    func rename(_ aliases: [PrometheusReader.PathAlias]) {
        for index in findings.indices {
            let finding = findings[index]
            let alias = aliases.first {
                $0.source == finding.location.source && $0.fits(finding.path)
            }
            guard let alias else { continue }
            findings[index].path =
                alias.replacement + finding.path.dropFirst(alias.prefix.count)
            if let (word, better) = alias.word {
                findings[index].message = finding.message.replacing(word, with: better)
            }
        }
    }
}

extension DiagnosticCollector {
    /// The diagnostics in the order of the sources, each fault once.
    func diagnostics(in sources: [ConfigurationSource]) -> [Diagnostic] {
        let texts = sources.map { SourceText(bytes: $0.contents) }
        var result: [Diagnostic] = []
        let ordered = findings.enumerated().sorted { left, right in
            let (a, b) = (left.element.location, right.element.location)
            if a.source != b.source { return a.source < b.source }
            if a.line != b.line { return a.line < b.line }
            if a.column != b.column { return a.column < b.column }
            return left.offset < right.offset
        }
        for (_, finding) in ordered {
            let location = finding.location
            let known = sources.indices.contains(location.source)
            let secrets = secretSpans.filter {
                $0.source == location.source && $0.line == location.line
            }
            let diagnostic = Diagnostic(
                severity: finding.code.severity, code: finding.code,
                file: known ? sources[location.source].name : "(no file)", line: location.line,
                column: location.column, path: finding.path, message: finding.message,
                found: finding.found, expected: finding.expected, suggestion: finding.suggestion,
                excerpt: known
                    ? texts[location.source].excerpt(at: location, hiding: secrets) : nil)
            // An anchor that is used twice yields its faults twice at the same place.
            let isRepeat = result.contains {
                $0.code == diagnostic.code && $0.line == diagnostic.line
                    && $0.column == diagnostic.column && $0.file == diagnostic.file
                    && $0.message == diagnostic.message
            }
            if !isRepeat { result.append(diagnostic) }
        }
        return result
    }
}
