extension RegularExpression {
    /// Fills captures into a template, by the rules of `Regexp.Expand` in Go's package regexp.
    ///
    /// `$name` and `${name}` stand for the group of that name, `$1` and `${1}` for the one of that
    /// number, `$$` for a `$`. Without braces the name is as long as it can be: `$1x` is `${1x}`. A
    /// group that is not in the pattern or took no part is empty; a `$` without a name is itself.
    public func expand(_ template: String, _ captures: [String?]) -> String {
        guard template.utf8.contains(UInt8(ascii: "$")) else { return template }
        var result = ""
        var rest = template.unicodeScalars[...]
        while let dollar = rest.firstIndex(of: "$") {
            result.unicodeScalars.append(contentsOf: rest[..<dollar])
            rest = rest[dollar...].dropFirst()
            if rest.first == "$" {
                result += "$"
                rest.removeFirst()
            } else if let name = Self.groupName(&rest) {
                if let index = groupIndex(name), index < captures.count {
                    result += captures[index] ?? ""
                }
            } else {
                result += "$"
            }
        }
        result.unicodeScalars.append(contentsOf: rest)
        return result
    }

    /// The captures of a whole match in a template; `nil` if not all of the text matches.
    public func expand(_ template: String, matching text: String) -> String? {
        wholeMatch(text).map { expand(template, $0) }
    }

    /// Takes a name, with its braces if it has them, from the front of what follows a `$`.
    private static func groupName(_ rest: inout Substring.UnicodeScalarView) -> String? {
        let hasBrace = rest.first == "{"
        let body = hasBrace ? rest.dropFirst() : rest
        let name = body.prefix {
            $0 == "_" || $0.properties.generalCategory.isLetter
                || $0.properties.generalCategory == .decimalNumber
        }
        guard !name.isEmpty else { return nil }
        var after = body[name.endIndex...]
        if hasBrace {
            guard after.first == "}" else { return nil }
            after.removeFirst()
        }
        rest = after
        return String(name)
    }

    private func groupIndex(_ name: String) -> Int? {
        let isNumber = name.utf8.allSatisfy { $0 >= 0x30 && $0 <= 0x39 }
        let hasLeadingZero = name.utf8.first == 0x30 && name.utf8.count > 1
        if isNumber, !hasLeadingZero, let index = Int(name) {
            return index <= groupCount ? index : nil
        }
        return groupNames.firstIndex(of: name)
    }
}

extension Unicode.GeneralCategory {
    fileprivate var isLetter: Bool {
        switch self {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter:
            true
        default: false
        }
    }
}
