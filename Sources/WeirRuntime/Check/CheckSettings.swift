import WeirConfig
import WeirJSON

/// Settings that a component can be tried with: its own example, or its defaults and something
/// harmless for what is required.
enum CheckSettings {
    static func make(
        _ component: PluginManifest.Component
    ) -> Result<JSONValue, PluginCheck.Failure> {
        let schema = component.hostedSchema
        let example = component.example ?? minimal(schema)
        let (settings, diagnostics) = normalizedSettings(
            example, schema: schema, fragments: Fragments.all)
        guard let settings else {
            let reasons = diagnostics.filter { $0.severity == .error }.map(\.message)
            return .failure(
                PluginCheck.Failure(
                    "its schema does not accept \(example.serialized()): "
                        + reasons.joined(separator: "; ")
                        + ". Give the component an \"example\" in its metadata"))
        }
        return .success(isolated(settings))
    }

    /// Every required key with a value of its type.
    private static func minimal(_ schema: JSONValue) -> JSONValue {
        let required = schema["required"]?.arrayValue?.compactMap(\.stringValue) ?? []
        return .object(
            required.map { key in
                JSONMember(key, value(for: schema["properties"]?[key] ?? .null))
            })
    }

    private static func value(for schema: JSONValue) -> JSONValue {
        if let first = schema["enum"]?.arrayValue?.first { return first }
        let type = schema["type"]?.stringValue ?? schema["type"]?.arrayValue?.first?.stringValue
        switch type {
        case "integer", "number": return schema["minimum"] ?? .integer(1)
        case "boolean": return .bool(true)
        case "array": return .array([])
        case "object": return minimal(schema)
        default: break
        }
        switch schema["format"]?.stringValue {
        case "duration", "prometheus-duration": return .string("1s")
        case "bytes", "prometheus-bytes": return .string("1MiB")
        case "url": return .string("http://127.0.0.1:9")
        case "endpoint", "hostport", "target": return .string("127.0.0.1:9")
        case "path": return .string("/tmp/weir-plugin-check")
        default: return .string("check")
        }
    }

    /// Listens on free ports, so that a check disturbs nothing that runs.
    private static func isolated(_ settings: JSONValue) -> JSONValue {
        switch settings {
        case .array(let elements): return .array(elements.map(isolated))
        case .object(let members):
            return .object(
                members.map { member in
                    guard member.key == "endpoint", let text = member.value.stringValue,
                        !text.contains("//"), !text.hasPrefix("unix:"),
                        let colon = text.lastIndex(of: ":")
                    else { return JSONMember(member.key, isolated(member.value)) }
                    let isServer = text[text.index(after: colon)...] != "9"
                    return JSONMember(
                        member.key, .string(isServer ? text[...colon] + "0" : text))
                })
        default: return settings
        }
    }
}
