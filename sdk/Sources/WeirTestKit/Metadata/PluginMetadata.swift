public import WeirJSON
public import WeirSDK

#if canImport(Glibc)
    import Glibc
#endif

/// What `plugin.json` says (docs/plugin-json.md).
public struct PluginMetadata: Sendable {
    public let json: JSONValue
    public var id: String { json["id"]?.stringValue ?? "" }
    public var version: String { json["version"]?.stringValue ?? "" }

    public var components: [ComponentMetadata] {
        (json["components"]?.arrayValue ?? []).map { ComponentMetadata(json: $0) }
    }

    public init(json: JSONValue) { self.json = json }

    public init(text: String) throws(JSONError) { json = try JSONValue(parsing: text) }

    /// Reads the `plugin.json` of the plugin to which a source file belongs: it lies in the file's
    /// folder or in one above.
    public init(besides file: String = #filePath) throws {
        var folder = file[...]
        while let slash = folder.lastIndex(of: "/") {
            folder = folder[..<slash]
            if let text = readFile(folder + "/plugin.json") {
                try self.init(text: text)
                return
            }
        }
        throw TestFailure("no plugin.json above \(file)")
    }

    public func component(_ kind: ComponentKind, _ type: String) -> ComponentMetadata? {
        components.first { $0.kind == kind && $0.type == type }
    }
}

/// One entry of `components`.
public struct ComponentMetadata: Sendable {
    public let json: JSONValue
    public var type: String { json["type"]?.stringValue ?? "" }
    public var kind: ComponentKind? {
        ComponentKind.allCases.first { "\($0)" == json["kind"]?.stringValue }
    }
    public var schema: JSONValue { json["settings"] ?? .object([]) }

    /// Settings that it may be tried with, if it cannot do with defaults.
    public var example: JSONValue? { json["example"] }

    /// What the host makes of settings as people write them: defaults filled in, durations as
    /// nanoseconds, sizes as bytes, unknown keys refused.
    public func normalise(_ settings: String) throws -> JSONValue {
        try Schema(schema).normalise(JSONValue(parsing: settings), "")
    }
}

private func readFile(_ path: Substring) -> String? {
    guard let file = unsafe fopen(String(path), "r") else { return nil }
    defer { unsafe fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65536)
    while true {
        let count = unsafe fread(&chunk, 1, chunk.count, file)
        if count == 0 { break }
        bytes += chunk[..<count]
    }
    return String(decoding: bytes, as: UTF8.self)
}
