import WeirJSON

/// What a scalar stands for under the YAML 1.2 core schema (YAML 1.2.2, section 10.3.2).
///
/// `yes`, `no`, `on` and `off` are strings there, unlike in YAML 1.1.
enum ResolvedScalar: Equatable {
    case null
    case boolean(Bool)
    case integer(Int64)
    case number(Double)
    case string(String)
}

extension YAMLScalar {
    /// Quoted text and blocks are strings. Text from a variable is what it looks like only where
    /// nothing is lost by it: `0123` and `1e5` stay strings, `123` and `true` do not.
    var resolved: ResolvedScalar {
        switch tag {
        case .string?: return .string(text)
        case nil where !isPlain: return .string(text)
        default: break
        }
        if expansion != nil {
            if text == "true" || text == "false" { return .boolean(text == "true") }
            if let integer = Int64(text), String(integer) == text { return .integer(integer) }
            return .string(text)
        }
        return resolveCore(text)
    }

    var json: JSONValue {
        switch resolved {
        case .null: .null
        case .boolean(let flag): .bool(flag)
        case .integer(let integer): .integer(integer)
        case .number(let number): .number(number)
        case .string(let text): .string(text)
        }
    }
}

func resolveCore(_ text: String) -> ResolvedScalar {
    switch text {
    case "", "~", "null", "Null", "NULL": return .null
    case "true", "True", "TRUE": return .boolean(true)
    case "false", "False", "FALSE": return .boolean(false)
    case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF": return .number(.infinity)
    case "-.inf", "-.Inf", "-.INF": return .number(-.infinity)
    case ".nan", ".NaN", ".NAN": return .number(.nan)
    default: break
    }
    if let integer = parseYAMLInteger(text) { return .integer(integer) }
    if let number = parseYAMLFloat(text) { return .number(number) }
    return .string(text)
}

/// `[-+]?[0-9]+`, `0o[0-7]+` or `0x[0-9a-fA-F]+`, where it fits 64 bits.
func parseYAMLInteger(_ text: String) -> Int64? {
    guard let first = text.utf8.first, first < 0x3A else { return nil }
    if text.hasPrefix("0x") { return parseUnsigned(text.dropFirst(2), radix: 16) }
    if text.hasPrefix("0o") { return parseUnsigned(text.dropFirst(2), radix: 8) }
    return Int64(text)
}

private func parseUnsigned(_ digits: Substring, radix: Int) -> Int64? {
    guard let first = digits.utf8.first, first != UInt8(ascii: "-"), first != UInt8(ascii: "+")
    else { return nil }
    return Int64(digits, radix: radix)
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`
func parseYAMLFloat(_ text: String) -> Double? {
    var rest = Array(text.utf8)[...]
    func skipDigits() -> Int {
        let before = rest.count
        rest = rest.drop { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
        return before - rest.count
    }
    func skipSign() {
        if let sign = rest.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
            rest.removeFirst()
        }
    }
    skipSign()
    var digits = skipDigits()
    if rest.first == UInt8(ascii: ".") {
        rest.removeFirst()
        digits += skipDigits()
    }
    guard digits > 0 else { return nil }
    if let exponent = rest.first, exponent | 0x20 == UInt8(ascii: "e") {
        rest.removeFirst()
        skipSign()
        guard skipDigits() > 0 else { return nil }
    }
    guard rest.isEmpty else { return nil }
    return Double(text.hasSuffix(".") ? text + "0" : text) ?? Double("0" + text)
}
