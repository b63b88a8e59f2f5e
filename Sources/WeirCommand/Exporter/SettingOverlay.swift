import WeirConfig
import WeirJSON
import WeirRuntime

/// The settings of a component, by their paths, and how a text becomes the value of one.
struct SettingOverlay {
    let rows: [OptionRow]

    /// The row of `tls.ca_file`, or of `labels.<name>` for `labels.env`.
    func row(_ path: String) -> OptionRow? {
        if let row = rows.first(where: { $0.key == path }) { return row }
        guard let dot = path.lastIndex(of: ".") else { return nil }
        return rows.first { $0.key == path[..<dot] + ".<name>" }
    }

    /// The settings that hold this one value, as a mapping.
    func settings(_ path: String, _ texts: [String]) -> JSONValue {
        var result = value(texts, type: type(path))
        for key in path.split(separator: ".").reversed() {
            result = .object([JSONMember(String(key), result)])
        }
        return result
    }

    /// Whether a setting is a list.
    func takesSeveral(_ path: String) -> Bool { type(path).hasPrefix("list of ") }

    private func type(_ path: String) -> String {
        if let row = row(path) { return row.type }
        // `labels` is a map: what is in it has the type that the map says.
        guard let dot = path.lastIndex(of: "."), let parent = row(String(path[..<dot])),
            parent.type.contains("map of ")
        else { return "" }
        return parent.type.replacing("map of ", with: "")
    }

    private func value(_ texts: [String], type: String) -> JSONValue {
        if type.hasPrefix("list of ") {
            let inner = String(type.dropFirst("list of ".count))
            let parts = texts.flatMap { text -> [JSONValue] in
                if text.hasPrefix("["), let list = Self.document(text)?.arrayValue { return list }
                return text.split(separator: ",").map { one(String($0), type: inner) }
            }
            return .array(parts)
        }
        return one(texts.last ?? "", type: type)
    }

    private func one(_ text: String, type: String) -> JSONValue {
        switch type {
        case "integer": return Int64(text).map { .integer($0) } ?? .string(text)
        case "number": return Double(text).map { .number($0) } ?? .string(text)
        case "boolean": return ["true": .bool(true), "false": .bool(false)][text] ?? .string(text)
        default: break
        }
        let isStructure = text.hasPrefix("{") || text.hasPrefix("[")
        let takesText = type.isEmpty || type.contains("string") || type == "text"
        if isStructure || !(takesText || ValueFormat(rawValue: type) != nil || type.contains("|")) {
            return Self.document(text) ?? .string(text)
        }
        return .string(text)
    }

    /// Text that is written as YAML.
    private static func document(_ text: String) -> JSONValue? {
        try? documentJSON(Array(text.utf8))
    }
}

extension SettingOverlay {
    init(_ component: PluginManifest.Component) {
        self.init(rows: optionRows(component.hostedSchema, fragments: Fragments.all))
    }
}
