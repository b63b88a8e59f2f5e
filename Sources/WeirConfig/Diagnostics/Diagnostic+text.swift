extension Diagnostic {
    /// The form for people, in the manner of a compiler:
    /// ```
    /// weir.yaml:5:9: error[E0301]: unknown key 'endpiont'
    ///   |
    /// 5 |         endpiont: 0.0.0.0:4317
    ///   |         ^^^^^^^^
    ///   = in receivers.otlp.protocols.grpc.endpiont
    ///   = help: did you mean 'endpoint'?
    /// ```
    /// - Parameter color: Whether to use ANSI colours.
    package func text(color: Bool = false) -> String {
        let paint = Paint(enabled: color)
        let head = paint.severity("\(severity.rawValue)[\(code.rawValue)]", severity)
        var lines = [paint.bold("\(file):\(line):\(column): ") + head + paint.bold(": \(message)")]
        let gutter = String(repeating: " ", count: String(line).count)
        if let excerpt {
            let padding = String(repeating: " ", count: excerpt.offset)
            let carets = String(repeating: "^", count: max(1, excerpt.length))
            lines.append("\(gutter) |")
            lines.append("\(line) | \(excerpt.text)")
            lines.append("\(gutter) | \(padding)" + paint.severity(carets, severity))
        }
        if !path.isEmpty { lines.append("\(gutter) = in \(path)") }
        if let found { lines.append("\(gutter) = found: \(found)") }
        if let expected { lines.append("\(gutter) = expected: \(expected)") }
        if let suggestion { lines.append("\(gutter) = help: \(suggestion)") }
        return lines.joined(separator: "\n") + "\n"
    }
}

private struct Paint {
    var enabled: Bool

    func bold(_ text: String) -> String { wrap(text, "1") }

    func severity(_ text: String, _ severity: Severity) -> String {
        wrap(text, severity == .error ? "1;31" : "1;33")
    }

    private func wrap(_ text: String, _ code: String) -> String {
        enabled ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}
