/// What a /metrics page in Prometheus' text format says, by family.
struct Exposition: Sendable {
    struct Sample: Hashable, Sendable {
        /// With the suffix, where it has one: `x_bucket`, `x_sum`, `x_count`.
        var name: String
        var labels: [String: String]
        var value: Double
    }

    struct Family: Sendable {
        var name: String
        /// "untyped" where the page says none.
        var type = "untyped"
        var help = ""
        var samples: [Sample] = []

        /// Of all its samples together, without `le` of a histogram and `quantile` of a summary.
        var labelNames: Set<String> {
            var names = Set(samples.flatMap(\.labels.keys))
            if type == "histogram" { names.remove("le") }
            if type == "summary" { names.remove("quantile") }
            return names
        }
    }

    private(set) var families: [String: Family] = [:]

    /// All series, by name and labels as `name{a="b"}`.
    var series: [String: Double] {
        var result: [String: Double] = [:]
        for sample in families.values.flatMap(\.samples) { result[sample.text] = sample.value }
        return result
    }

    subscript(name: String) -> Family? { families[name] }

    /// The value of the one sample that has all these labels; `nil`: none has, or several.
    func value(_ name: String, _ labels: [String: String] = [:]) -> Double? {
        let found = families.values.flatMap(\.samples).filter { sample in
            sample.name == name && labels.allSatisfy { sample.labels[$0.key] == $0.value }
        }
        return found.count == 1 ? found[0].value : nil
    }

    /// Reads a page; throws on the first line that is none of the format, and on a series that comes
    /// twice.
    init(_ page: String) throws {
        var seen = Set<String>()
        for line in page.split(separator: "\n") {
            if line.hasPrefix("#") {
                comment(line)
                continue
            }
            let sample = try Sample(line)
            guard seen.insert(sample.text).inserted else {
                throw Failure("the page has a series twice: \(line)")
            }
            families[family(of: sample.name), default: Family(name: sample.name)].samples
                .append(sample)
        }
    }

    private mutating func comment(_ line: Substring) {
        let words = line.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: false)
        guard words.count >= 3, words[1] == "HELP" || words[1] == "TYPE" else { return }
        let name = String(words[2])
        let rest = words.count > 3 ? String(words[3]) : ""
        families[name, default: Family(name: name)].name = name
        if words[1] == "HELP" {
            families[name]?.help = rest
        } else {
            families[name]?.type = rest
        }
    }

    private func family(of name: String) -> String {
        if families[name] != nil { return name }
        for (suffix, types) in [
            ("_bucket", ["histogram"]), ("_sum", ["histogram", "summary"]),
            ("_count", ["histogram", "summary"]),
        ] where name.hasSuffix(suffix) {
            let base = String(name.dropLast(suffix.count))
            if let type = families[base]?.type, types.contains(type) { return base }
        }
        return name
    }
}

extension Exposition.Sample {
    /// Name and labels, sorted: what makes a series one.
    var text: String {
        let pairs = labels.sorted { $0.key < $1.key }.map { "\($0.key)=\"\($0.value)\"" }
        return pairs.isEmpty ? name : "\(name){\(pairs.joined(separator: ","))}"
    }

    init(_ line: Substring) throws {
        let bad = Failure("not a line of the text format: \(line)")
        var rest = line
        name = String(rest.prefix { $0 != "{" && $0 != " " })
        rest = rest.dropFirst(name.count)
        labels = [:]
        if rest.first == "{" {
            rest = rest.dropFirst()
            while rest.first != "}" {
                let key = rest.prefix { $0 != "=" }
                rest = rest.dropFirst(key.count + 1)
                guard !key.isEmpty, rest.first == "\"" else { throw bad }
                rest = rest.dropFirst()
                var value = ""
                while let next = rest.popFirst(), next != "\"" {
                    guard next == "\\" else {
                        value.append(next)
                        continue
                    }
                    guard let escaped = rest.popFirst() else { throw bad }
                    value.append(escaped == "n" ? "\n" : escaped)
                }
                labels[key.trimmingCharacters] = value
                if rest.first == "," { rest = rest.dropFirst() }
                guard !rest.isEmpty else { throw bad }
            }
            rest = rest.dropFirst()
        }
        // A time may follow the value.
        guard !name.isEmpty, let text = rest.split(separator: " ").first,
            let number = Self.number(text)
        else { throw bad }
        value = number
    }

    private static func number(_ text: Substring) -> Double? {
        switch text {
        case "+Inf", "Inf": .infinity
        case "-Inf": -.infinity
        case "NaN": .nan
        default: Double(text)
        }
    }
}

extension Substring {
    fileprivate var trimmingCharacters: String {
        String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
