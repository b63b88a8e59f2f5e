import WeirSDK

/// A replacement with references to groups, as Go's `Regexp.Expand` reads it: `$1`, `${1}`,
/// `$name`, `${name}`; `$1x` is the group `1x`, `$$` is a dollar sign, and a dollar sign before
/// anything else stands for itself. A group that does not exist is empty.
struct Template: Sendable {
    private enum Piece: Sendable {
        case literal(String)
        /// The first of these groups that took part.
        case groups([Int])
    }

    private var pieces: [Piece] = []
    /// Whether the text holds a dollar sign, which makes Prometheus check it after expansion.
    let hasVariables: Bool

    /// - Parameter names: of group 0 and the others.
    init(_ text: String, names: [String?]) {
        hasVariables = text.utf8.contains(UInt8(ascii: "$"))
        var literal = ""
        var rest = Substring(text)
        while let dollar = rest.firstIndex(of: "$") {
            literal += rest[..<dollar]
            rest = rest[rest.index(after: dollar)...]
            if rest.first == "$" {
                literal += "$"
                rest.removeFirst()
            } else if let name = Template.reference(&rest) {
                if !literal.isEmpty { pieces.append(.literal(literal)) }
                literal = ""
                pieces.append(.groups(Template.groups(name, names)))
            } else {
                literal += "$"
            }
        }
        literal += rest
        if !literal.isEmpty { pieces.append(.literal(literal)) }
    }

    /// The text where nothing depends on a match.
    var constant: String? {
        switch pieces.count {
        case 0: ""
        case 1: if case .literal(let text) = pieces[0] { text } else { nil }
        default: nil
        }
    }

    func expand(_ captures: [String?]) -> String {
        var result = ""
        for piece in pieces {
            switch piece {
            case .literal(let text): result += text
            case .groups(let groups):
                let group = groups.first { $0 < captures.count && captures[$0] != nil }
                if let group { result += captures[group] ?? "" }
            }
        }
        return result
    }

    /// The name after a dollar sign, which is taken off; `nil` if there is none.
    private static func reference(_ rest: inout Substring) -> Substring? {
        var text = rest
        let isBraced = text.first == "{"
        if isBraced { text.removeFirst() }
        let name = Substring(text.unicodeScalars.prefix(while: isNameScalar))
        guard !name.isEmpty else { return nil }
        text = text[name.endIndex...]
        if isBraced {
            guard text.first == "}" else { return nil }
            text.removeFirst()
        }
        rest = text
        return name
    }

    private static func isNameScalar(_ scalar: Unicode.Scalar) -> Bool {
        if scalar == "_" { return true }
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
            .decimalNumber:
            return true
        default: return false
        }
    }

    private static func groups(_ name: Substring, _ names: [String?]) -> [Int] {
        let isNumber = name.utf8.allSatisfy { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
        if isNumber, name == "0" || !name.hasPrefix("0") {
            return Int(name).map { $0 < names.count ? [$0] : [] } ?? []
        }
        return names.indices.filter { names[$0].map { $0 == name } ?? false }
    }
}
