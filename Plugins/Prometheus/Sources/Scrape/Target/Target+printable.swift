import WeirPrometheus

/// What may be shown of a target. Prometheus shows what stands in an address or a parameter; a
/// password or a token there is nobody's business.
extension Target {
    var printableURL: String { Target.printable(url) }

    var printableDiscovered: Labels { Target.printable(discovered) }

    static func printable(_ labels: Labels) -> Labels {
        Labels(
            labels.all.map { label in
                if label.name.hasPrefix("__param_"), isSecret(label.name) {
                    return Label(label.name, hidden)
                }
                if label.name == "__address__" || label.name == "instance" {
                    return Label(label.name, withoutUser(label.value))
                }
                return label
            })
    }

    static func printable(_ url: String) -> String {
        let parts = url.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        var result = withoutUser(String(parts[0]))
        guard parts.count == 2 else { return result }
        let pairs = parts[1].split(separator: "&", omittingEmptySubsequences: false).map { pair in
            let name = pair.prefix { $0 != "=" }
            return isSecret(String(name)) ? "\(name)=\(hidden)" : String(pair)
        }
        result += "?" + pairs.joined(separator: "&")
        return result
    }

    private static let hidden = "<secret>"

    private static func isSecret(_ name: String) -> Bool {
        let name = name.lowercased()
        return ["pass", "secret", "token", "auth", "credential", "key", "signature"].contains {
            name.contains($0)
        }
    }

    private static func withoutUser(_ text: String) -> String {
        let start = text.firstRange(of: "://")?.upperBound ?? text.startIndex
        let authority = text[start...].prefix { $0 != "/" }
        guard let at = authority.lastIndex(of: "@") else { return text }
        return String(text[..<start] + text[text.index(after: at)...])
    }
}
