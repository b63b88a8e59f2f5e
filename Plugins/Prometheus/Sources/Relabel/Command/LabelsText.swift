import WeirPrometheus

/// Labels as people write them: `{a="1", b="two"}`, `name{a="1"}`, `name`.
struct LabelsText {
    struct Fault: Error {
        var message: String
    }

    private var rest: Substring

    /// Throws what stands where.
    static func read(_ text: String) throws(Fault) -> Labels {
        var reader = LabelsText(rest: Substring(text))
        return try reader.labels()
    }

    private mutating func labels() throws(Fault) -> Labels {
        var labels = Labels()
        skipSpace()
        let name = word()
        if !name.isEmpty { labels["__name__"] = String(name) }
        guard takes("{") else {
            guard !name.isEmpty, rest.isEmpty else {
                throw fault("labels such as {job=\"api\", instance=\"a:1\"}")
            }
            return labels
        }
        while !takes("}") {
            let name = rest.first == "\"" ? try quoted() : String(word())
            guard !name.isEmpty else { throw fault("the name of a label or }") }
            guard takes("=") else { throw fault("= after \(name)") }
            labels[name] = try quoted()
            guard takes(",") || rest.first == "}" else { throw fault(", or }") }
        }
        guard rest.isEmpty else { throw fault("the end") }
        return labels
    }

    private mutating func skipSpace() { rest = rest.drop { $0.isWhitespace } }

    private mutating func takes(_ sign: Character) -> Bool {
        skipSpace()
        guard rest.first == sign else { return false }
        rest.removeFirst()
        skipSpace()
        return true
    }

    private mutating func word() -> Substring {
        let word = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == ":" || $0 == "." }
        rest = rest.dropFirst(word.count)
        return word
    }

    private mutating func quoted() throws(Fault) -> String {
        guard let quote = rest.first, quote == "\"" || quote == "'" else {
            throw fault("a text in quotes")
        }
        rest.removeFirst()
        var text = ""
        while let next = rest.popFirst() {
            if next == quote { return text }
            guard next == "\\" else {
                text.append(next)
                continue
            }
            switch rest.popFirst() {
            case "n": text.append("\n")
            case "t": text.append("\t")
            case let other?: text.append(other)
            case nil: break
            }
        }
        throw fault("\(quote) at the end of a text")
    }

    private func fault(_ expected: String) -> Fault {
        let found = rest.isEmpty ? "the end" : "\"\(rest.prefix(20))\""
        return Fault(message: "found \(found), expected \(expected)")
    }
}
