import WeirPrometheus
import WeirSDK

/// An anchored expression. The commonest forms (`.*`, a text, `a|b`, a text before `.*`) are
/// compared here; all others go to the host.
struct Matcher: Sendable {
    private enum Form: Sendable {
        /// `.*` or `(.*)`
        case everything
        /// `.+` or `(.+)`
        case notEmpty
        case oneOf([String])
        /// A text, then `.*`, or `.+` where something must follow.
        case prefix(String, something: Bool)
        case expression
    }

    private let form: Form
    private let expression: RegularExpression

    /// Names of group 0 and the others.
    var groupNames: [String?] { expression.groupNames }

    init(_ pattern: String, host: Host) throws(ComponentError) {
        guard let service = host.regex else {
            throw .unsupported("this host has no regular expressions, which relabelling needs")
        }
        // As in Go's `^(?s:...)$`: a dot matches line ends, too.
        expression = try service.compile(pattern, .dotMatchesNewline)
        form = Matcher.form(of: pattern)
    }

    func matches(_ text: String) -> Bool {
        switch form {
        case .everything: true
        case .notEmpty: !text.isEmpty
        case .oneOf(let texts): texts.contains { sameBytes($0, text) }
        case .prefix(let prefix, let something):
            text.utf8.starts(with: prefix.utf8)
                && (!something || text.utf8.count > prefix.utf8.count)
        case .expression: expression.matches(text)
        }
    }

    /// What the groups matched, `nil` if the whole text does not match.
    func captures(_ text: String) -> [String?]? {
        switch form {
        case .everything: expression.groupCount == 1 ? [text, text] : [text]
        case .notEmpty where text.isEmpty: nil
        case .notEmpty: expression.groupCount == 1 ? [text, text] : [text]
        case .oneOf(let texts): texts.contains { sameBytes($0, text) } ? [text] : nil
        case .prefix, .expression: expression.wholeMatch(text)
        }
    }

    private static func form(of pattern: String) -> Form {
        switch pattern {
        case ".*", "(.*)": return .everything
        case ".+", "(.+)": return .notEmpty
        default: break
        }
        if pattern.utf8.allSatisfy({ isLiteral($0) || $0 == UInt8(ascii: "|") }) {
            return .oneOf(
                pattern.split(separator: "|", omittingEmptySubsequences: false).map(String.init))
        }
        let stem = pattern.utf8.prefix(while: isLiteral)
        switch pattern.utf8.dropFirst(stem.count).map({ Character(Unicode.Scalar($0)) }) {
        case [".", "*"]: return .prefix(String(Substring(stem)), something: false)
        case [".", "+"]: return .prefix(String(Substring(stem)), something: true)
        default: return .expression
        }
    }

    /// What means itself in an expression, whatever stands around it.
    private static func isLiteral(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"),
            UInt8(ascii: ";"), UInt8(ascii: ":"), UInt8(ascii: "/"), UInt8(ascii: "="),
            UInt8(ascii: ","), UInt8(ascii: "@"), UInt8(ascii: " "), UInt8(ascii: "%"):
            true
        default: false
        }
    }
}

/// Strings of Swift compare by canonical equivalence; Prometheus compares bytes.
func sameBytes(_ a: String, _ b: String) -> Bool {
    a == b && a.utf8.elementsEqual(b.utf8)
}
