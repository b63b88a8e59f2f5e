import WeirJSON

/// A step of the path to a value: a key or an index.
struct SettingsKey: CodingKey {
    let stringValue: String
    let intValue: Int?

    init(_ name: String) {
        stringValue = name
        intValue = nil
    }

    init(index: Int) {
        stringValue = String(index)
        intValue = index
    }

    init?(stringValue: String) { self.init(stringValue) }
    init?(intValue: Int) { self.init(index: intValue) }
}

/// `sendBatchSize` → `send_batch_size`, `maxURLLength` → `max_url_length`.
func snakeCase(_ name: String) -> String {
    let characters = Array(name.unicodeScalars)
    var result = ""
    for (index, scalar) in characters.enumerated() {
        let isUpper = scalar.properties.isUppercase
        if isUpper, index > 0, characters[index - 1] != "_" {
            let afterLower = !characters[index - 1].properties.isUppercase
            let beforeLower =
                index + 1 < characters.count && characters[index + 1].properties.isLowercase
            if afterLower || beforeLower { result += "_" }
        }
        result += isUpper ? scalar.properties.lowercaseMapping : String(scalar)
    }
    return result
}

/// `send_batch_size` → `sendBatchSize`.
func camelCase(_ name: String) -> String {
    let words = name.split(separator: "_")
    guard let first = words.first else { return name }
    return words.dropFirst().reduce(String(first)) {
        $0 + $1.prefix(1).uppercased() + $1.dropFirst()
    }
}

extension [any CodingKey] {
    /// `retry.delays[2]`; with `anyIndex`, `retry.delays[]`.
    func path(anyIndex: Bool) -> String {
        reduce(into: "") { path, key in
            if let index = key.intValue {
                path += anyIndex ? "[]" : "[\(index)]"
            } else {
                path += path.isEmpty ? key.stringValue : "." + key.stringValue
            }
        }
    }

    var settingsPath: String { path(anyIndex: true) }
}

extension DecodingError {
    var settingsMessage: String {
        let context =
            switch self {
            case .typeMismatch(_, let context), .valueNotFound(_, let context),
                .keyNotFound(_, let context), .dataCorrupted(let context):
                context
            @unknown default: Context(codingPath: [], debugDescription: "\(self)")
            }
        let path = context.codingPath.path(anyIndex: false)
        return "settings\(path.isEmpty ? "" : ": \(path)"): \(context.debugDescription)"
    }
}

extension JSONValue {
    /// The value as a message shows it: short, and never a whole tree.
    var settingsSummary: String {
        switch self {
        case .null: "null"
        case .bool(let flag): "\(flag)"
        case .integer(let number): "\(number)"
        case .number(let number): "\(number)"
        case .string(let text): text.count > 40 ? "text of \(text.count) characters" : "\"\(text)\""
        case .array(let elements): "a list of \(elements.count)"
        case .object(let members): "a mapping of \(members.count)"
        }
    }
}
