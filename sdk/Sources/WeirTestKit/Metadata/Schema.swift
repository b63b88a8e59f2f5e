import WeirJSON

/// As much of JSON Schema as tests need: what a host does to settings, samples of settings, and
/// the keys there are.
struct Schema {
    let json: JSONValue
    private let root: JSONValue

    /// Follows `#/$defs/NAME`; what stands beside the reference is laid over what it names.
    init(_ json: JSONValue, root: JSONValue? = nil) {
        let root = root ?? json
        self.root = root
        guard let reference = json["$ref"]?.stringValue, reference.hasPrefix("#/") else {
            self.json = json
            return
        }
        let target = reference.dropFirst(2).split(separator: "/").reduce(root) {
            $0[String($1)] ?? .object([])
        }
        let own = (json.objectValue ?? []).filter { $0.key != "$ref" }
        self.json = .object((target.objectValue ?? []) + own)
    }

    private func child(_ json: JSONValue) -> Schema { Schema(json, root: root) }

    /// Those that there are: what is only named to be refused with advice is none.
    private var properties: [JSONMember] { named.filter { !Self.isRefused($0) } }
    private var named: [JSONMember] { json["properties"]?.objectValue ?? [] }
    private static func isRefused(_ member: JSONMember) -> Bool {
        member.value["x-weir-unsupported"] != nil
    }
    private var type: String? {
        json["type"]?.stringValue
            ?? json["type"]?.arrayValue?.lazy.compactMap(\.stringValue).first { $0 != "null" }
    }
    private var format: String? { json["format"]?.stringValue }
    /// Settings of the host: what is in them is not the plugin's business.
    var isHostSettings: Bool { json["$ref"]?.stringValue?.hasPrefix("weir:") ?? false }

    // MARK: Normalising

    func normalise(_ value: JSONValue, _ path: String) throws(TestFailure) -> JSONValue {
        if isHostSettings { return try normaliseHostSettings(value, path) }
        switch (format, value) {
        case ("duration", .string(let text)):
            guard let nanoseconds = parseUnits(text, durations) else {
                throw TestFailure("\(path): found \"\(text)\", expected a duration like 200ms")
            }
            return .integer(nanoseconds)
        case ("prometheus-duration", .string(let text)):
            guard let nanoseconds = parseUnits(text, durations + longDurations) else {
                throw TestFailure("\(path): found \"\(text)\", expected a duration like 1h30m")
            }
            return .integer(nanoseconds)
        case ("prometheus-bytes", .string(let text)):
            guard let bytes = parseUnits(text, binarySizes) else {
                throw TestFailure("\(path): found \"\(text)\", expected a size like 10MB")
            }
            return .integer(bytes)
        case ("bytes", .string(let text)):
            guard let bytes = parseUnits(text, sizes) else {
                throw TestFailure("\(path): found \"\(text)\", expected a size like 4MiB")
            }
            return .integer(bytes)
        default: break
        }
        if let alternative = alternatives.first(where: { $0.accepts(value) }) {
            return try alternative.normalise(value, path)
        }
        switch value {
        case .object(let members): return try normaliseObject(members, path)
        case .array(let elements):
            guard let items = json["items"] else { return value }
            var result: [JSONValue] = []
            for (index, element) in elements.enumerated() {
                result.append(try child(items).normalise(element, "\(path)[\(index)]"))
            }
            return .array(result)
        default: return value
        }
    }

    /// What the host has there passes as it is; what the plugin adds to it is the plugin's.
    private func normaliseHostSettings(
        _ value: JSONValue, _ path: String
    ) throws(TestFailure) -> JSONValue {
        guard case .object(let members) = value, !properties.isEmpty else { return value }
        let isOwn = { (member: JSONMember) in properties.contains { $0.key == member.key } }
        let own = try normaliseObject(members.filter(isOwn), path)
        return .object(members.filter { !isOwn($0) } + (own.objectValue ?? []))
    }

    private var alternatives: [Schema] {
        (json["oneOf"] ?? json["anyOf"])?.arrayValue?.map { child($0) } ?? []
    }

    private func accepts(_ value: JSONValue) -> Bool {
        switch value {
        case .object: type == "object" || isHostSettings
        case .array: type == "array"
        case .string: type == "string" || format != nil
        case .bool: type == "boolean"
        case .integer, .number: type == "integer" || type == "number"
        case .null: type == "null"
        }
    }

    private func normaliseObject(
        _ members: [JSONMember], _ path: String
    ) throws(TestFailure) -> JSONValue {
        var result: [JSONMember] = []
        for member in members {
            let inner = path.isEmpty ? member.key : "\(path).\(member.key)"
            if let property = properties.first(where: { $0.key == member.key }) {
                let value = try child(property.value).normalise(member.value, inner)
                result.append(JSONMember(member.key, value))
            } else if let additional = json["additionalProperties"], additional != .bool(false) {
                let value = try child(additional).normalise(member.value, inner)
                result.append(JSONMember(member.key, value))
            } else {
                throw TestFailure("\(inner): no such setting")
            }
        }
        return .object(result + (try defaults(beside: members, path)))
    }

    private func defaults(
        beside members: [JSONMember], _ path: String
    ) throws(TestFailure) -> [JSONMember] {
        var result: [JSONMember] = []
        for property in properties where !members.contains(where: { $0.key == property.key }) {
            let inner = path.isEmpty ? property.key : "\(path).\(property.key)"
            let schema = child(property.value)
            if let value = schema.json["default"] {
                result.append(JSONMember(property.key, try schema.normalise(value, inner)))
            }
        }
        return result
    }

    // MARK: Samples

    /// A value with every property in it, so that decoding it asks for every key.
    func sample() -> JSONValue {
        if isHostSettings {
            let own = properties.map { JSONMember($0.key, child($0.value).sample()) }
            let hasEndpoint = own.contains { $0.key == "endpoint" }
            return .object(
                (hasEndpoint ? [] : [JSONMember("endpoint", .string("localhost:4317"))]) + own)
        }
        // A default that is a plain value is what the plugin surely takes.
        if let value = json["default"], value != .null, properties.isEmpty,
            value.arrayValue?.isEmpty != true, value.objectValue?.isEmpty != true
        {
            return (try? normalise(value, "")) ?? value
        }
        if let example = json["examples"]?.arrayValue?.first {
            return (try? normalise(example, "")) ?? example
        }
        if let value = json["const"] ?? json["enum"]?.arrayValue?.first { return value }
        if let first = alternatives.first { return first.sample() }
        switch (type, format) {
        case (_, "duration"), (_, "prometheus-duration"): return .integer(1_000_000_000)
        case (_, "bytes"), (_, "prometheus-bytes"): return .integer(1 << 20)
        case (_, "endpoint"): return .string("localhost:4317")
        case ("object", _):
            var members = properties.map { JSONMember($0.key, child($0.value).sample()) }
            if let additional = json["additionalProperties"], additional != .bool(false) {
                members.append(JSONMember("example", child(additional).sample()))
            }
            return .object(members)
        case ("array", _): return .array([child(json["items"] ?? .object([])).sample()])
        case ("boolean", _): return .bool(true)
        case ("integer", _): return .integer(max(1, json["minimum"]?.integerValue ?? 1))
        case ("number", _): return .integer(max(1, json["minimum"]?.integerValue ?? 1))
        default: return .string("example")
        }
    }

    // MARK: Keys

    /// The paths of all keys, as `SettingsTrace` writes them.
    func paths(_ prefix: String = "") -> Set<String> {
        var result: Set<String> = []
        for property in properties {
            let path = prefix.isEmpty ? property.key : "\(prefix).\(property.key)"
            result.insert(path)
            result.formUnion(child(property.value).paths(path))
        }
        if let items = json["items"] { result.formUnion(child(items).paths("\(prefix)[]")) }
        for alternative in alternatives { result.formUnion(alternative.paths(prefix)) }
        return result
    }

    /// The paths of the keys that the host refuses; a plugin may read them, to say the same where there
    /// is no host.
    func refusedPaths(_ prefix: String = "") -> Set<String> {
        var result: Set<String> = []
        for property in named {
            let path = prefix.isEmpty ? property.key : "\(prefix).\(property.key)"
            if Self.isRefused(property) { result.insert(path) }
            result.formUnion(child(property.value).refusedPaths(path))
        }
        if let items = json["items"] { result.formUnion(child(items).refusedPaths("\(prefix)[]")) }
        for alternative in alternatives { result.formUnion(alternative.refusedPaths(prefix)) }
        return result
    }

    /// Where keys are free: mappings from names that people choose, and settings of the host, of
    /// which a component may read what it likes.
    func freePrefixes(_ prefix: String = "") -> Set<String> {
        if isHostSettings { return [prefix] }
        var result: Set<String> = []
        if let additional = json["additionalProperties"], additional != .bool(false) {
            result.insert(prefix)
        }
        for property in properties {
            let path = prefix.isEmpty ? property.key : "\(prefix).\(property.key)"
            result.formUnion(child(property.value).freePrefixes(path))
        }
        if let items = json["items"] { result.formUnion(child(items).freePrefixes("\(prefix)[]")) }
        for alternative in alternatives { result.formUnion(alternative.freePrefixes(prefix)) }
        return result
    }
}

private let durations: [(String, Double)] = [
    ("ns", 1), ("us", 1e3), ("µs", 1e3), ("ms", 1e6), ("s", 1e9), ("m", 60e9), ("h", 3600e9),
]
private let sizes: [(String, Double)] = [
    ("", 1), ("B", 1), ("KiB", 1024), ("MiB", 1_048_576), ("GiB", 1_073_741_824), ("kB", 1e3),
    ("KB", 1e3), ("MB", 1e6), ("GB", 1e9),
]

private let longDurations: [(String, Double)] = [
    ("d", 86_400e9), ("w", 604_800e9), ("y", 31_536_000e9),
]
private let binarySizes: [(String, Double)] = [
    ("", 1), ("B", 1), ("KB", 1024), ("MB", 1_048_576), ("GB", 1_073_741_824), ("KiB", 1024),
    ("MiB", 1_048_576), ("GiB", 1_073_741_824),
]

/// A sum of numbers with units: `1h30m`, `200ms`, `4MiB`.
private func parseUnits(_ text: String, _ units: [(String, Double)]) -> Int64? {
    var rest = text[...]
    var total = 0.0
    if text == "0" { return 0 }
    guard !rest.isEmpty else { return nil }
    while !rest.isEmpty {
        let number = rest.prefix { $0.isNumber || $0 == "." }
        rest = rest.dropFirst(number.count)
        let unit = rest.prefix { !$0.isNumber && $0 != "." }
        rest = rest.dropFirst(unit.count)
        guard let value = Double(number), let scale = units.first(where: { $0.0 == unit })?.1
        else { return nil }
        total += value * scale
    }
    return Int64(total)
}
