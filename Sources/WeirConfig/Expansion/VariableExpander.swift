/// Replaces the variables in the scalars of a document.
///
/// It runs after parsing and merging, so a value can never become structure (a password with `: `
/// in it stays a password), and what a later file overrides need not be set. What a variable
/// yields is not expanded again. Keys are never expanded.
///
/// `$$` reads as `$` in the Collector's dialect. In Weir's it stays `$$`, but for `$${env:NAME}`,
/// which is how `${env:NAME}` itself is written.
struct VariableExpander {
    let dialect: Dialect
    let environment: (String) -> String?
    let readFile: (String) throws -> [UInt8]
    let collector: DiagnosticCollector

    private struct Expanded {
        var text: [UInt8] = []
        /// The text as written, without what may be secret in it.
        var shown: [UInt8] = []
        var hasVariables = false
        var isTainted = false
        var failed = false
    }

    private struct Place {
        var location: SourceLocation
        var path: String
    }

    func expand(_ node: YAMLNode, path: String = "") -> YAMLNode {
        var result = node
        switch node.value {
        case .scalar(var scalar):
            guard !scalar.isLiteral, scalar.text.utf8.contains(UInt8(ascii: "$")) else {
                return node
            }
            let place = Place(location: node.location, path: path)
            let expanded = expand(Array(scalar.text.utf8)[...], at: place, depth: 0)
            scalar.text = String(decoding: expanded.text, as: UTF8.self)
            if expanded.failed { scalar.text = "" }
            if expanded.hasVariables {
                scalar.expansion = YAMLScalar.Expansion(
                    reference: String(decoding: expanded.shown, as: UTF8.self),
                    isTainted: expanded.isTainted || expanded.failed,
                    failed: expanded.failed)
            }
            result.value = .scalar(scalar)
        case .sequence(let nodes):
            result.value = .sequence(
                nodes.enumerated().map { expand($1, path: path.appending(index: $0)) })
        case .mapping(let entries):
            result.value = .mapping(
                entries.map {
                    YAMLEntry(
                        key: $0.key, keyLocation: $0.keyLocation,
                        node: expand($0.node, path: path.appending(key: $0.key)))
                })
        }
        return result
    }

    private func expand(_ text: ArraySlice<UInt8>, at place: Place, depth: Int) -> Expanded {
        var result = Expanded()
        var rest = text
        while let byte = rest.first {
            guard byte == UInt8(ascii: "$") else {
                result.text.append(byte)
                result.shown.append(byte)
                rest.removeFirst()
                continue
            }
            if rest.starts(with: "$$".utf8) {
                rest = afterDoubleDollar(rest, &result)
            } else if rest.starts(with: "${".utf8) {
                rest = afterReference(rest, &result, at: place, depth: depth)
            } else {
                result.text.append(byte)
                result.shown.append(byte)
                rest.removeFirst()
            }
        }
        return result
    }

    private func afterDoubleDollar(
        _ rest: ArraySlice<UInt8>, _ result: inout Expanded
    ) -> ArraySlice<UInt8> {
        let after = rest.dropFirst(2)
        let isEscape: Bool
        switch dialect {
        case .collector: isEscape = true
        case .weir:
            let reference = rest.dropFirst()
            isEscape =
                body(of: reference).map {
                    VariableReference(String(decoding: $0, as: UTF8.self), dialect: dialect) != nil
                } ?? false
        }
        result.text += isEscape ? Array("$".utf8) : Array("$$".utf8)
        result.shown += Array("$$".utf8)
        return after
    }

    private func afterReference(
        _ rest: ArraySlice<UInt8>, _ result: inout Expanded, at place: Place, depth: Int
    ) -> ArraySlice<UInt8> {
        guard let inner = body(of: rest) else {
            let tail = String(decoding: rest.dropFirst(2), as: UTF8.self)
            if tail.hasPrefix("env:") || tail.hasPrefix("file:") {
                collector.report(
                    .unterminatedVariable, at: place.location, path: place.path,
                    "a variable is not closed", expected: "'}' at its end")
                result.hasVariables = true
                result.failed = true
                return []
            }
            result.text += Array("${".utf8)
            result.shown += Array("${".utf8)
            return rest.dropFirst(2)
        }
        let text = String(decoding: inner, as: UTF8.self)
        let reference = VariableReference(text, dialect: dialect)
        guard let reference else {
            result.text += Array("${".utf8)
            result.shown += Array("${".utf8)
            return rest.dropFirst(2)
        }
        result.hasVariables = true
        substitute(reference, into: &result, at: place, depth: depth)
        return rest[(inner.endIndex + 1)...]
    }

    /// What stands between `${` and its `}`, nested references included.
    private func body(of text: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        guard text.starts(with: "${".utf8) else { return nil }
        var depth = 1
        var index = text.startIndex + 2
        while index < text.endIndex {
            if text[index...].starts(with: "${".utf8) {
                depth += 1
                index += 1
            } else if text[index] == UInt8(ascii: "}") {
                depth -= 1
                if depth == 0 { return text[(text.startIndex + 2)..<index] }
            }
            index += 1
        }
        return nil
    }

    private func substitute(
        _ reference: VariableReference, into result: inout Expanded, at place: Place, depth: Int
    ) {
        let (location, path) = (place.location, place.path)
        switch reference {
        case .environment(let name, let fallback):
            result.shown += Array("${env:\(name)}".utf8)
            if let value = environment(name) {
                result.text += Array(value.utf8)
                result.isTainted = true
            } else if let fallback {
                guard depth < 8 else {
                    result.text += Array(fallback.utf8)
                    return
                }
                let inner = expand(Array(fallback.utf8)[...], at: place, depth: depth + 1)
                result.text += inner.text
                result.isTainted = result.isTainted || inner.isTainted
                result.failed = result.failed || inner.failed
            } else {
                result.failed = true
                collector.report(
                    .unsetVariable, at: location, path: path,
                    "the environment variable \(name) is not set",
                    suggestion: "set \(name), or give a default: ${env:\(name):-value}")
            }
        case .file(let file):
            result.shown += Array("${file:\(file)}".utf8)
            result.isTainted = true
            if let content = contents(of: file, at: place) {
                result.text += content
            } else {
                result.failed = true
            }
        case .badName(let name):
            result.failed = true
            collector.report(
                .badVariableName, at: location, path: path,
                "'\(name)' is not a name that an environment variable can have",
                expected: "letters, digits and '_', not beginning with a digit")
        case .unknownScheme(let scheme):
            result.failed = true
            let near = nearestName(to: scheme, in: ["env", "file"])
            collector.report(
                .unknownScheme, at: location, path: path,
                "'\(scheme)' is not a kind of variable", expected: "${env:NAME} or ${file:PATH}",
                suggestion: near.map(didYouMean)
                    ?? "to keep the text as it is, write $${ instead of ${")
        }
    }

    /// The file's text without one newline at its end, which editors and `echo` put there.
    private func contents(of file: String, at place: Place) -> [UInt8]? {
        var bytes: [UInt8]
        do {
            bytes = try readFile(file)
        } catch {
            collector.report(
                .unreadableFile, at: place.location, path: place.path,
                "cannot read the file '\(file)'", found: "\(error)",
                suggestion: "check that it exists and that this process may read it")
            return nil
        }
        guard String(validating: bytes, as: UTF8.self) != nil else {
            collector.report(
                .unreadableFile, at: place.location, path: place.path,
                "the file '\(file)' is not text", expected: "UTF-8")
            return nil
        }
        if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        return bytes
    }
}
