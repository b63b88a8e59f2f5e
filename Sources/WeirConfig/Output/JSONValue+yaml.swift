package import WeirJSON

extension JSONValue {
    /// The value as YAML in block style, which reads back as the same value.
    package func yaml() -> String {
        var text = ""
        write(to: &text, indentation: 0)
        return text
    }

    private func write(to text: inout String, indentation: Int) {
        let margin = String(repeating: " ", count: indentation)
        switch self {
        case .object(let members) where !members.isEmpty:
            for member in members {
                text += margin + yamlText(member.key) + ":"
                member.value.writeInner(to: &text, indentation: indentation)
            }
        case .array(let elements) where !elements.isEmpty:
            for element in elements {
                if case .object(let members) = element, !members.isEmpty {
                    var inner = ""
                    element.write(to: &inner, indentation: indentation + 2)
                    text += margin + "- " + inner.dropFirst(indentation + 2)
                } else {
                    text += margin + "-"
                    element.writeInner(to: &text, indentation: indentation)
                }
            }
        default: text += margin + inline + "\n"
        }
    }

    private func writeInner(to text: inout String, indentation: Int) {
        switch self {
        case .object(let members) where !members.isEmpty:
            text += "\n"
            write(to: &text, indentation: indentation + 2)
        case .array(let elements) where !elements.isEmpty:
            text += "\n"
            write(to: &text, indentation: indentation + 2)
        default: text += " " + inline + "\n"
        }
    }

    private var inline: String {
        switch self {
        case .null: "null"
        case .bool(let flag): flag ? "true" : "false"
        case .integer(let integer): String(integer)
        case .number(let number): "\(number)"
        case .string(let string): yamlText(string)
        case .array: "[]"
        case .object: "{}"
        }
    }
}

/// Plain where nothing can be misread, by readers of YAML 1.1 either; else in double quotes.
private func yamlText(_ text: String) -> String {
    if text == redactedText || isPlainSafe(text) { return text }
    var quoted = "\""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\"": quoted += "\\\""
        case "\\": quoted += "\\\\"
        case "\n": quoted += "\\n"
        case "\t": quoted += "\\t"
        case "\r": quoted += "\\r"
        case _ where scalar.value < 0x20 || (scalar.value >= 0x7F && scalar.value < 0xA0):
            let digits = String(scalar.value, radix: 16, uppercase: true)
            quoted += "\\x" + (digits.count < 2 ? "0" : "") + digits
        case _ where scalar.value == 0xFEFF || scalar.value == 0x2028 || scalar.value == 0x2029:
            quoted += "\\u" + String(scalar.value, radix: 16, uppercase: true)
        default: quoted.unicodeScalars.append(scalar)
        }
    }
    return quoted + "\""
}

private func isPlainSafe(_ text: String) -> Bool {
    guard let first = text.first, first.isASCII, first.isLetter || first.isNumber || first == "/",
        resolveCore(text) == .string(text),
        !["yes", "no", "on", "off", "y", "n"].contains(text.lowercased()),
        // Digits and colons alone are a number in base 60 in YAML 1.1; 1_000 is one, too.
        !text.allSatisfy({ $0.isNumber || ":._-".contains($0) }) || text.contains("."),
        let last = text.last, last != ":", last != " ", !text.contains(": "), !text.contains(" #")
    else { return false }
    return text.allSatisfy {
        $0.isASCII && ($0.isLetter || $0.isNumber || " /_.-:+=@()#;".contains($0))
    }
}
