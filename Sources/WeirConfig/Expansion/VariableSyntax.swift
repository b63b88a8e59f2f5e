/// What stands between `${` and `}`.
///
/// Only these are variables: `${env:NAME}`, `${env:NAME:-default}`, `${file:PATH}`, and the bare
/// `${NAME}` and `${NAME:-default}`, where NAME is in upper case (the Collector's dialect takes
/// lower case as well). `$1`, `${1}`, `$name`, `${lower}`, `{{ .Template }}` are left alone, so that
/// relabelling rules, passwords and templates survive.
enum VariableReference: Equatable {
    case environment(name: String, fallback: String?)
    case file(path: String)
    case badName(String)
    case unknownScheme(String)

    /// - Returns: `nil` where the text is no variable and stays as it is.
    init?(_ body: String, dialect: Dialect) {
        if body.hasPrefix("env:") {
            let (name, fallback) = Self.splitFallback(body.dropFirst(4))
            let isName = Self.isName(name, upperOnly: false)
            self = isName ? .environment(name: name, fallback: fallback) : .badName(name)
            return
        }
        if body.hasPrefix("file:") {
            self = .file(path: String(body.dropFirst(5)))
            return
        }
        let (name, fallback) = Self.splitFallback(body[...])
        if Self.isName(name, upperOnly: dialect == .weir) {
            self = .environment(name: name, fallback: fallback)
            return
        }
        if let scheme = Self.scheme(of: body) {
            self = .unknownScheme(scheme)
            return
        }
        return nil
    }

    private static func splitFallback(_ text: Substring) -> (name: String, fallback: String?) {
        guard let range = text.firstRange(of: ":-") else { return (String(text), nil) }
        return (String(text[..<range.lowerBound]), String(text[range.upperBound...]))
    }

    private static func isName(_ name: String, upperOnly: Bool) -> Bool {
        guard let first = name.utf8.first, !isDigit(first) else { return false }
        return name.utf8.allSatisfy { byte in
            byte == UInt8(ascii: "_") || isDigit(byte)
                || (byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z"))
                || (!upperOnly && byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z"))
        }
    }

    /// `scheme` of `scheme:rest`, but not of `name:-rest`, which shells write.
    private static func scheme(of body: String) -> String? {
        guard let colon = body.firstIndex(of: ":") else { return nil }
        let scheme = body[..<colon]
        guard let first = scheme.utf8.first, first | 0x20 >= UInt8(ascii: "a"),
            first | 0x20 <= UInt8(ascii: "z"),
            scheme.utf8.allSatisfy({
                isDigit($0) || ($0 | 0x20 >= UInt8(ascii: "a") && $0 | 0x20 <= UInt8(ascii: "z"))
                    || $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".")
            }), !body[colon...].hasPrefix(":-")
        else { return nil }
        return String(scheme)
    }
}

func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

/// The text that reads as `text` once variables are expanded.
func escapingVariables(_ text: String, dialect: Dialect) -> String {
    guard text.contains("$") else { return text }
    if dialect == .collector { return text.replacing("$", with: "$$") }
    var result = ""
    var rest = Substring(text)
    while let start = rest.firstRange(of: "${") {
        result += rest[..<start.lowerBound]
        rest = rest[start.lowerBound...]
        if let close = rest.firstIndex(of: "}") {
            let body = String(rest[rest.index(rest.startIndex, offsetBy: 2)..<close])
            if VariableReference(body, dialect: dialect) != nil {
                // Dollar signs are read in pairs: an odd one before the escape would take its half.
                let odd = result.reversed().prefix { $0 == "$" }.count % 2 == 1
                if odd { result = result.dropLast() + dollarReference }
                result += "$"
            }
        }
        result += "${"
        rest = rest.dropFirst(2)
    }
    return result + rest
}

/// One dollar sign, where two in a row would mean something else; nobody sets this variable.
let dollarReference = "${env:WEIR_DOLLAR:-$}"
