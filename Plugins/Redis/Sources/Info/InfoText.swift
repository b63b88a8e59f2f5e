/// The text that INFO answers: sections of lines `key:value`.
package struct InfoText: Sendable {
    package struct Line: Sendable, Equatable {
        package var section: Substring
        package var key: String
        package var value: Substring
    }

    package private(set) var lines: [Line] = []
    package private(set) var fields: [String: Substring] = [:]

    package init(_ text: String) {
        var section = text[..<text.startIndex]
        for raw in text.utf8.split(whereSeparator: { $0 == 10 || $0 == 13 }) {
            let line = Substring(raw)
            if line.hasPrefix("#") {
                section = line.dropFirst().drop { $0 == " " }
                continue
            }
            guard let colon = line.utf8.firstIndex(of: UInt8(ascii: ":")) else { continue }
            let key = String(line[..<colon])
            let value = line[line.utf8.index(after: colon)...]
            lines.append(Line(section: section, key: key, value: value))
            fields[key] = value
        }
    }

    package subscript(key: String) -> String { fields[key].map(String.init) ?? "" }

    /// `calls=21,usec=175` as a table.
    static func pairs(_ value: Substring) -> [Substring: Substring] {
        var pairs: [Substring: Substring] = [:]
        for part in value.split(separator: ",") {
            guard let equals = part.firstIndex(of: "=") else { continue }
            pairs[part[..<equals]] = part[part.index(after: equals)...]
        }
        return pairs
    }

    /// A number, or one of the words that stand for 1 and 0.
    static func number(_ value: Substring) -> Double? {
        switch value {
        case "ok", "true": 1
        case "err", "fail", "false": 0
        default: Double(value)
        }
    }
}
