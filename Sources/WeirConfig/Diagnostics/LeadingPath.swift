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
