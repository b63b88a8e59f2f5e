package import WeirJSON

/// Reads the settings of one component outside a configuration: merges, expands and checks them as
/// `loadConfiguration` does, and reports everything that is wrong in one pass.
///
/// - Parameters:
///   - sources: Mappings of settings, later ones laid over earlier ones.
///   - literals: The same, laid over those; nothing in them is a variable, for what a stranger sent.
///   - name: What the settings are of, for diagnostics: `exporters.redis`.
package func loadSettings(
    _ sources: [ConfigurationSource], literals: [ConfigurationSource] = [], of name: String,
    schema: JSONValue, fragments: [String: JSONValue], environment: (String) -> String?,
    readFile: (String) throws -> [UInt8]
) -> (settings: JSONValue?, diagnostics: [Diagnostic]) {
    let collector = DiagnosticCollector()
    let all = sources + literals
    var document = YAMLNode(
        value: .mapping([]), location: SourceLocation(source: 0, line: 1, column: 1))
    func lay(_ source: ConfigurationSource, _ index: Int) {
        guard
            let root = YAMLComposer.compose(
                source.contents, source: index, reportingTo: collector)
        else { return }
        guard root.mapping != nil else {
            return collector.report(
                .rootNotMapping, at: root.location, path: name,
                "the settings of '\(name)' are a mapping", found: describeKind(root),
                expected: "keys with their values, as they stand below '\(name)' in a configuration"
            )
        }
        document = mergeDocuments(document, root)
    }
    for (index, source) in sources.enumerated() { lay(source, index) }
    withoutActuallyEscaping(environment) { environment in
        withoutActuallyEscaping(readFile) { readFile in
            document = VariableExpander(
                dialect: .weir, environment: environment, readFile: readFile, collector: collector
            ).expand(document, path: name)
        }
    }
    for (index, source) in literals.enumerated() { lay(source, sources.count + index) }
    let value = SettingsValidator(collector: collector).validate(
        document, against: Schema(schema, fragments: fragments),
        at: .init(path: name, key: document.location, name: name))
    let diagnostics = collector.diagnostics(in: all)
    let isValid = !diagnostics.contains { $0.severity == .error }
    return (isValid ? value?.settings : nil, diagnostics)
}

/// Whether a text has a secret in clear: a password in a URL or in a list such as
/// `host=db password=x`, or, where the value itself is secret, anything but a reference such as
/// `${env:NAME}`.
package func showsSecret(_ text: String, isSecret: Bool) -> Bool {
    if isSecret { return !text.isEmpty && !isPlainReference(text) }
    let words = text.split { $0 == " " || $0 == "&" || $0 == "?" || $0 == ";" }
    let hasPassword = words.contains { word in
        guard let equal = word.firstIndex(of: "=") else { return false }
        let value = String(word[word.index(after: equal)...])
        return isSensitiveName(word[..<equal]) && !value.isEmpty && !isPlainReference(value)
    }
    return hasPassword || maskingUserInfo(text) != text
}
