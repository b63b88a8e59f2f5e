import Foundation

/// The metrics that `share/dashboards/NAME.json` and `share/rules/NAME.yml` name, of those that begin
/// so.
func metricNames(inShared name: String, prefixes: [String]) throws -> Set<String> {
    var names: Set<String> = []
    for file in ["dashboards/\(name).json", "rules/\(name).yml"] {
        let text = try String(contentsOfFile: "\(Build.root)/share/\(file)", encoding: .utf8)
        for match in text.matches(of: /\b[a-z]+_[a-zA-Z0-9_]+/) {
            let word = String(match.output)
            // What ends so is a prefix that a sentence speaks of.
            if word.hasSuffix("_") { continue }
            if prefixes.contains(where: { word.hasPrefix($0) }) { names.insert(word) }
        }
    }
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
