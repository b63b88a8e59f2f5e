package import WeirSDK

/// A key, or a pattern of keys, in a database.
package struct KeyPattern: Sendable, Hashable {
    package var database: Int
    package var key: String

    package init(database: Int, key: String) {
        self.database = database
        self.key = key
    }

    /// Reads `db3=session:*`, `3=session:*`, or `pattern` in database 0; several with commas between.
    package static func list(_ texts: [String], in setting: String) throws(ComponentError)
        -> [KeyPattern]
    {
        var list: [KeyPattern] = []
        for part in texts.flatMap({ $0.split(separator: ",") }) {
            let text = part.trimmed
            guard let equals = text.firstIndex(of: "=") else {
                if !text.isEmpty { list.append(KeyPattern(database: 0, key: String(text))) }
                continue
            }
            let name = text[..<equals].trimmed
            let number = Int(name.hasPrefix("db") ? name.dropFirst(2) : name)
            let key = text[text.index(after: equals)...].trimmed
            guard let number, number >= 0, !key.isEmpty else {
                throw .invalid("\(setting) has \"\(text)\": expected a pattern, or db3=pattern")
            }
            list.append(KeyPattern(database: number, key: String(key)))
        }
        return list
    }

    /// Whether it can stand for several keys.
    package var isPattern: Bool { key.contains { "?*[]^".contains($0) } }
}

extension Substring {
    fileprivate var trimmed: Substring {
        var text = self
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return text
    }
}
