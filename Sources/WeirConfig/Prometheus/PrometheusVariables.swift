/// The text of an external label, in which Prometheus replaces `$NAME` and `${NAME}`, in Weir's
/// dialect: `${env:NAME:-}`, because what is not set is empty there. `$$` is one dollar sign.
///
/// The rules are those of Go's `os.Expand`.
///
/// - Returns: The text, and the names in it.
func weirVariables(_ text: String) -> (text: String, names: [String]) {
    var result = ""
    var plain = ""
    var names: [String] = []
    var rest = Substring(text)
    while let dollar = rest.firstIndex(of: "$") {
        plain += rest[..<dollar]
        rest = rest[rest.index(after: dollar)...]
        guard let reference = shellName(rest) else {
            plain += "$"
            continue
        }
        rest = rest.dropFirst(reference.length)
        if reference.name.isEmpty { continue }
        if reference.name == "$" {
            plain += "$"
            continue
        }
        names.append(reference.name)
        // `$1`, `$@` and the like cannot be set: they are empty.
        guard VariableReference("env:\(reference.name)", dialect: .weir)?.isEnvironment == true
        else { continue }
        result += escapingVariables(plain, dialect: .weir)
        plain = ""
        // Dollar signs are read in pairs: an odd one would take half of the reference.
        let odd = result.reversed().prefix { $0 == "$" }.count % 2 == 1
        if odd { result = result.dropLast() + dollarReference }
        result += "${env:\(reference.name):-}"
    }
    return (result + escapingVariables(plain + rest, dialect: .weir), names)
}

/// The name after a dollar sign and how many characters it takes; `nil` where there is none and the
/// sign stands for itself.
private func shellName(_ text: Substring) -> (name: String, length: Int)? {
    guard let first = text.first else { return nil }
    if first == "{" {
        guard let close = text.firstIndex(of: "}") else { return ("", 1) }
        let name = String(text[text.index(after: text.startIndex)..<close])
        return (name, name.count + 2)
    }
    if isSpecial(first) { return (String(first), 1) }
    let name = text.prefix { $0.isASCII && ($0.isLetter || $0.isNumber) || $0 == "_" }
    return name.isEmpty ? nil : (String(name), name.count)
}

private func isSpecial(_ character: Character) -> Bool {
    "*#$@!?-".contains(character) || character.isASCII && character.isNumber
}

extension VariableReference {
    fileprivate var isEnvironment: Bool {
        if case .environment = self { true } else { false }
    }
}
