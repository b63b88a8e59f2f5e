package import WeirJSON

/// Why a document cannot be read: `line:column: ` and what is there, for the fault that comes first.
package struct DocumentError: Error, Sendable, CustomStringConvertible {
    package let description: String
}

/// Reads a YAML or JSON document that is no configuration: nothing in it is a variable, and an
/// empty one is `null`. `.inf` and `.nan`, which JSON lacks, stay texts.
package func documentJSON(_ bytes: [UInt8]) throws(DocumentError) -> JSONValue {
    let collector = DiagnosticCollector()
    let root = YAMLComposer.compose(
        bytes, source: 0, empty: .scalar(YAMLScalar(text: "", isPlain: true)),
        reportingTo: collector)
    let faults = collector.findings.filter { $0.code.severity == .error }
    let first = faults.min {
        ($0.location.line, $0.location.column) < ($1.location.line, $1.location.column)
    }
    if let first { throw DocumentError(first, others: faults.count - 1) }
    guard let root else { throw DocumentError(description: "1:1: this cannot be read") }
    return root.plainJSON
}

extension DocumentError {
    fileprivate init(_ fault: DiagnosticCollector.Finding, others: Int) {
        var text = "\(fault.location.line):\(fault.location.column): \(fault.message)"
        if let found = fault.found { text += ", found: \(found)" }
        if let expected = fault.expected { text += ", expected: \(expected)" }
        // The advice for several documents is about configurations.
        if let advice = fault.suggestion, fault.code != .severalDocuments { text += "; \(advice)" }
        if others > 0 { text += " (and \(others) more)" }
        description = text
    }
}

extension YAMLNode {
    fileprivate var plainJSON: JSONValue {
        switch value {
        case .scalar(let scalar):
            if case .number(let number) = scalar.resolved, !number.isFinite {
                return .string(scalar.text)
            }
            return scalar.json
        case .sequence(let nodes): return .array(nodes.map(\.plainJSON))
        case .mapping(let entries):
            return .object(entries.map { JSONMember($0.key, $0.node.plainJSON) })
        }
    }
}
