/// Where a node stands: the source's index, line and column from 1, and its length on that line
/// (0 where it spans several lines or none).
struct SourceLocation: Sendable, Equatable {
    var source: Int
    var line: Int
    var column: Int
    var length = 0
}

/// One node of a YAML document, with its place.
///
/// Scalars stay text until a schema says what they should be: `0123` is the password that was
/// typed, and `${env:PORT}` a port.
struct YAMLNode: Sendable, Equatable {
    enum Value: Sendable, Equatable {
        case scalar(YAMLScalar)
        case sequence([YAMLNode])
        case mapping([YAMLEntry])
    }

    var value: Value
    var location: SourceLocation
}

/// One key of a mapping with its value. Mappings keep the order in which they were written.
struct YAMLEntry: Sendable, Equatable {
    var key: String
    var keyLocation: SourceLocation
    var node: YAMLNode
}

struct YAMLScalar: Sendable, Equatable {
    var text: String
    /// Written without quotes and not as a block, so that it may stand for null, a boolean or a
    /// number.
    var isPlain: Bool
    var tag: YAMLTag?
    /// Nothing in the text is a variable: it was written in a dialect that has none.
    var isLiteral = false
    /// Set once variables in the text were replaced.
    var expansion: Expansion?

    struct Expansion: Sendable, Equatable {
        /// The text as it was written, without defaults: safe to show.
        var reference: String
        /// Whether a part of the value came from outside the document, and so may be a secret.
        var isTainted: Bool
        /// A variable could not be read; that was reported, and nothing else should be about it.
        var failed = false
    }
}

enum YAMLTag: String, Sendable {
    case string = "tag:yaml.org,2002:str"
    case integer = "tag:yaml.org,2002:int"
    case float = "tag:yaml.org,2002:float"
    case boolean = "tag:yaml.org,2002:bool"
    case null = "tag:yaml.org,2002:null"
    case sequence = "tag:yaml.org,2002:seq"
    case mapping = "tag:yaml.org,2002:map"
}

extension YAMLNode {
    var scalar: YAMLScalar? {
        if case .scalar(let scalar) = value { scalar } else { nil }
    }

    var sequence: [YAMLNode]? {
        if case .sequence(let nodes) = value { nodes } else { nil }
    }

    var mapping: [YAMLEntry]? {
        if case .mapping(let entries) = value { entries } else { nil }
    }

    subscript(key: String) -> YAMLEntry? { mapping?.first { $0.key == key } }

    /// An empty value, `~` or `null`.
    var isNull: Bool {
        guard let scalar else { return false }
        return scalar.resolved == .null
    }
}
