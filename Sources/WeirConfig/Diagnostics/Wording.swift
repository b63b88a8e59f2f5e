/// Phrases that several messages share.
func didYouMean(_ name: String) -> String { "did you mean '\(name)'?" }

/// `a, b or c`, cut where it gets long.
func listed(_ names: [String], limit: Int = 16) -> String {
    let shown = names.prefix(limit).map { $0 }
    if names.count > limit { return shown.joined(separator: ", ") + ", … (\(names.count) in all)" }
    guard shown.count > 1 else { return shown.first ?? "nothing" }
    return shown.dropLast().joined(separator: ", ") + " or " + shown[shown.count - 1]
}

/// What a node is, without its value.
func describeKind(_ node: YAMLNode) -> String {
    switch node.value {
    case .sequence: return "a list"
    case .mapping: return "a mapping"
    case .scalar(let scalar):
        switch scalar.resolved {
        case .null: return "nothing"
        case .boolean: return "a boolean"
        case .integer: return "an integer"
        case .number: return "a number"
        case .string: return "text"
        }
    }
}

/// What a node is, with its value unless that is or may be a secret.
func describe(_ node: YAMLNode, isSecret: Bool = false) -> String {
    guard case .scalar(let scalar) = node.value else { return describeKind(node) }
    if let expansion = scalar.expansion, expansion.isTainted {
        let content = scalar.text.isEmpty ? "empty text" : redactedText
        return "\(content) from \(expansion.reference)"
    }
    let kind = describeKind(node)
    if isSecret { return "\(kind) (\(redactedText))" }
    if case .null = scalar.resolved { return kind }
    var text = maskingUserInfo(scalar.text)
    if text.unicodeScalars.count > 60 { text = String(text.prefix(57)) + "..." }
    text = text.replacing("\n", with: "\\n")
    if case .string = scalar.resolved { return "\(kind) \"\(text)\"" }
    return "\(kind) \(text)"
}
