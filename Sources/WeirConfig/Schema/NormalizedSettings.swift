package import WeirJSON

/// Checks settings outside a configuration: defaults filled in, durations and sizes as numbers, as a
/// plugin receives them. The diagnostics' positions are those in the settings' own JSON text.
package func normalizedSettings(
    _ settings: JSONValue, schema: JSONValue, fragments: [String: JSONValue]
) -> (settings: JSONValue?, diagnostics: [Diagnostic]) {
    let source = ConfigurationSource(
        name: "settings", contents: Array(settings.serialized(pretty: true).utf8))
    let collector = DiagnosticCollector()
    // JSON is YAML.
    guard let node = YAMLComposer.compose(source.contents, source: 0, reportingTo: collector)
    else { return (nil, collector.diagnostics(in: [source])) }
    let value = SettingsValidator(collector: collector).validate(
        node, against: Schema(schema, fragments: fragments),
        at: .init(path: "settings", key: node.location, name: "settings"))
    let diagnostics = collector.diagnostics(in: [source])
    let isValid = !diagnostics.contains { $0.severity == .error }
    return (isValid ? value?.settings : nil, diagnostics)
}
