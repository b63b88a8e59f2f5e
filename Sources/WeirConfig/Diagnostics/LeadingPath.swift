/// The path with which the message of a component may begin, and what it says of it:
/// `config.scrape_configs[0].relabel_configs[1].regex: a ')' is missing`.
struct LeadingPath {
    enum Step: Equatable {
        case key(String)
        case index(Int)
    }

    private(set) var steps: [Step] = []
    let message: String

    /// - Returns: `nil` where the message does not begin with a path, a colon and a space.
    init?(_ text: String) {
        let word = "settings: "
        var rest = text.hasPrefix(word) ? text.dropFirst(word.count) : text[...]
        while true {
            guard let key = Self.key(&rest) else { return nil }
            steps.append(.key(key))
            while rest.first == "[" {
                let digits = rest.dropFirst().prefix { $0.isASCII && $0.isNumber }
                guard let index = Int(digits), rest.dropFirst(1 + digits.count).first == "]"
                else { return nil }
                steps.append(.index(index))
                rest = rest.dropFirst(2 + digits.count)
            }
            if rest.hasPrefix(": ") { break }
            guard rest.first == "." else { return nil }
            rest = rest.dropFirst()
        }
        message = String(rest.dropFirst(2))
    }

    private static func key(_ rest: inout Substring) -> String? {
        if rest.first == "\"" {
            let name = rest.dropFirst().prefix { $0 != "\"" }
            guard rest.dropFirst(1 + name.count).first == "\"" else { return nil }
            rest = rest.dropFirst(2 + name.count)
            return String(name)
        }
        let name = rest.prefix { !".[]: \"'".contains($0) }
        rest = rest.dropFirst(name.count)
        return name.isEmpty ? nil : String(name)
    }
}

extension LeadingPath {
    /// The first setting that a message names without beginning with its path, as in
    /// "password and password_file are both set" or "there is no `endpoint`".
    ///
    /// A word may be a key and mean nothing by it, so only the first one counts as it is; others have
    /// to look like a key: between backquotes, or with a dot or an underscore.
    static func mentioned(
        in text: String, where isThere: ([Step]) -> Bool
    ) -> [Step]? {
        for (index, word) in text.split(separator: " ").enumerated() {
            let name = word.drop { "`'\"(".contains($0) }
            let end = name.lastIndex { !"`'\"),.:;".contains($0) }
            guard let end else { continue }
            let key = name[...end]
            guard index == 0 || word.first == "`" || key.contains("_") || key.contains("."),
                let steps = LeadingPath("\(key): ")?.steps, isThere(steps)
            else { continue }
            return steps
        }
        return nil
    }
}

/// What a message says in the words "found A, expected B: do C", in parts.
struct ExpectedInstead: Equatable {
    let found: String
    let expected: String
    let suggestion: String?

    /// - Returns: `nil` where the message has another form.
    init?(_ message: String) {
        guard message.hasPrefix("found "), let middle = message.firstRange(of: ", expected ") else {
            return nil
        }
        found = String(message[..<middle.lowerBound].dropFirst("found ".count))
        let rest = message[middle.upperBound...]
        let end = rest.firstRange(of: ": ")
        expected = String(rest[..<(end?.lowerBound ?? rest.endIndex)])
        suggestion = end.map { String(rest[$0.upperBound...]) }
        if found.isEmpty || expected.isEmpty || suggestion?.isEmpty == true { return nil }
    }
}
