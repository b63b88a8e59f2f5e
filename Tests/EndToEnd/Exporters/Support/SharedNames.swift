import Foundation

/// The metrics that `share/dashboards/NAME.json` and `share/rules/NAME.yml` name, and all rules of
/// `share/rules/sets`, of those that begin so.
func metricNames(inShared name: String, prefixes: [String]) throws -> Set<String> {
    let own = try SharedFile.all.filter { $0.name == name }
    let sets = try SharedFile.all.filter { $0.path.contains("/sets/") }
    if own.count != 2 { throw Failure("share/ has no dashboard or no rules of \(name)") }
    let names = (own + sets).reduce(into: Set()) { $0.formUnion($1.metrics) }
        .filter { name in prefixes.contains { name.hasPrefix($0) } }
    if names.isEmpty { throw Failure("share/rules/\(name).yml names nothing of \(prefixes)") }
    return names
}

extension Exposition {
    /// Whether there is such a family, or one of which this is a part.
    func has(_ name: String) -> Bool {
        ["", "_bucket", "_sum", "_count"].contains { suffix in
            name.hasSuffix(suffix) && self[String(name.dropLast(suffix.count))] != nil
        }
    }
}

/// A dashboard or a file of rules, and the PromQL in it.
struct SharedFile: Sendable {
    /// From the repository's root.
    var path: String
    var expressions: [String]

    var name: String { (path as NSString).lastPathComponent.split(separator: ".").first! + "" }
    var isDashboard: Bool { path.hasSuffix(".json") }
    var metrics: Set<String> { expressions.reduce(into: []) { $0.formUnion(PromQL.metrics($1)) } }

    static var all: [SharedFile] {
        get throws {
            try ["share/dashboards", "share/rules", "share/rules/sets"].flatMap { folder in
                try FileManager.default.contentsOfDirectory(atPath: "\(Build.root)/\(folder)")
                    .sorted().filter { $0.hasSuffix(".json") || $0.hasSuffix(".yml") }
                    .map { try SharedFile("\(folder)/\($0)") }
            }
        }
    }

    init(_ path: String) throws {
        self.path = path
        let file = "\(Build.root)/\(path)"
        expressions =
            path.hasSuffix(".json")
            ? Self.targets(
                try JSONSerialization.jsonObject(
                    with: Data(contentsOf: URL(fileURLWithPath: file))))
            : Self.rules(try String(contentsOfFile: file, encoding: .utf8))
        if expressions.isEmpty { throw Failure("\(path) has no expression") }
    }

    /// Every `expr` of a panel, and what variables take their values from.
    private static func targets(_ value: Any) -> [String] {
        if let list = value as? [Any] { return list.flatMap(targets) }
        guard let object = value as? [String: Any] else { return [] }
        return object.sorted { $0.key < $1.key }.flatMap { key, value -> [String] in
            guard let text = value as? String else { return targets(value) }
            if key == "expr" { return [text] }
            let isValues = key == "query" && text.hasPrefix("label_values(")
            guard isValues, let end = text.lastIndex(of: ",") else { return [] }
            return [String(text[..<end].dropFirst("label_values(".count))]
        }
    }

    /// Every `expr:`, on one line or folded.
    private static func rules(_ text: String) -> [String] {
        var result: [String] = []
        var foldedAt: Int?
        for line in text.split(separator: "\n") {
            let indent = line.prefix { $0 == " " || $0 == "-" }.count
            if let start = foldedAt, indent > start {
                result[result.count - 1] += " " + line.drop { $0 == " " }
                continue
            }
            foldedAt = nil
            guard let range = line.firstRange(of: "expr: ") else { continue }
            let rest = line[range.upperBound...]
            foldedAt = rest.hasPrefix(">") ? indent : nil
            result.append(foldedAt == nil ? String(rest) : "")
        }
        return result
    }
}

/// As much of PromQL as it takes to find the metrics in an expression.
enum PromQL {
    private static let words: Set<String> = [
        "and", "or", "unless", "by", "without", "on", "ignoring", "group_left", "group_right",
        "offset", "bool", "inf", "nan",
    ]

    static func metrics(_ expression: String) -> Set<String> {
        let bare = expression.replacing(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/, with: "")
            .replacing(/\{[^}]*\}|\[[^\]]*\]/, with: "")
            .replacing(
                /\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/, with: " ")
        return Set(
            bare.matches(of: /([a-zA-Z_:][a-zA-Z0-9_:]*)\s*(\(?)/).compactMap { match in
                let word = String(match.1)
                let start = match.range.lowerBound
                let isNumber = start > bare.startIndex && bare[bare.index(before: start)].isNumber
                return match.2.isEmpty && !isNumber && !words.contains(word.lowercased())
                    ? word : nil
            })
    }
}
