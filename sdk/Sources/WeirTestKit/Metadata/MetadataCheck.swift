import WeirJSON
import WeirSDK

/// Compares `plugin.json` with its own rules and with the table of the library.
struct MetadataCheck {
    let plugin: Plugin
    let metadata: PluginMetadata
    private(set) var faults: [String] = []

    init(_ plugin: Plugin, _ metadata: PluginMetadata) {
        self.plugin = plugin
        self.metadata = metadata
    }

    mutating func run() {
        checkHead()
        let declared = metadata.components
        for component in declared { check(component) }
        let names = declared.map { "\($0.json["kind"]?.stringValue ?? "?") \($0.type)" }
        let table = plugin.components.map { "\($0.kind) \($0.type)" }
        for name in table where !names.contains(name) {
            faults.append("plugin.json lacks the \(name) that the plugin has")
        }
        for name in names where !table.contains(name) {
            faults.append("plugin.json has a \(name) that the plugin lacks")
        }
        if Set(names).count != names.count { faults.append("plugin.json names a component twice") }
        checkCommands()
    }

    private mutating func checkCommands() {
        let declared = metadata.json["commands"]?.arrayValue ?? []
        for (index, command) in declared.enumerated() {
            for member in command.objectValue ?? [] where !["name", "summary"].contains(member.key)
            {
                faults.append("plugin.json: commands[\(index)]: unknown key \(member.key)")
            }
            for key in ["name", "summary"] where command[key]?.stringValue?.isEmpty ?? true {
                faults.append("plugin.json: commands[\(index)]: \(key) is missing or empty")
            }
            let name = command["name"]?.stringValue ?? ""
            if !name.allSatisfy({ $0.isASCII && ($0.isLowercase || $0.isNumber || $0 == "-") }) {
                faults.append("plugin.json: command \(name): other characters than a-z 0-9 -")
            }
        }
        let names = declared.compactMap { $0["name"]?.stringValue }
        let table = plugin.commands.map(\.name)
        for name in table where !names.contains(name) {
            faults.append("plugin.json lacks the command \(name) that the plugin has")
        }
        for name in names where !table.contains(name) {
            faults.append("plugin.json has a command \(name) that the plugin lacks")
        }
        if Set(names).count != names.count || Set(table).count != table.count {
            faults.append("a command is named twice")
        }
    }

    private mutating func checkHead() {
        let allowed: Set = [
            "id", "version", "license", "summary", "components", "commands", "$schema",
        ]
        for member in metadata.json.objectValue ?? [] where !allowed.contains(member.key) {
            faults.append("plugin.json: unknown key \(member.key)")
        }
        for key in ["id", "version", "license", "summary"] {
            if metadata.json[key]?.stringValue?.isEmpty ?? true {
                faults.append("plugin.json: \(key) is missing or empty")
            }
        }
        if metadata.id != plugin.id {
            faults.append("plugin.json has id \"\(metadata.id)\", the plugin \"\(plugin.id)\"")
        }
        if metadata.version != plugin.version {
            faults.append(
                "plugin.json has version \"\(metadata.version)\", the plugin \"\(plugin.version)\"")
        }
        let isID = metadata.id.allSatisfy {
            $0.isASCII && ($0.isLowercase || $0.isNumber || $0 == "." || $0 == "-")
        }
        if !isID { faults.append("plugin.json: id has other characters than a-z 0-9 . -") }
    }

    private mutating func check(_ component: ComponentMetadata) {
        let name = "plugin.json: \(component.type)"
        let allowed: Set = [
            "kind", "type", "summary", "description", "stability", "consumes", "emits", "aliases",
            "settings", "queue", "acknowledges", "example", "standalone",
        ]
        for member in component.json.objectValue ?? [] where !allowed.contains(member.key) {
            faults.append("\(name): unknown key \(member.key)")
        }
        guard let kind = component.kind else {
            faults.append("\(name): kind is missing or none of the six")
            return
        }
        for key in ["type", "summary", "stability"] where component.json[key]?.stringValue == nil {
            faults.append("\(name): \(key) is missing")
        }
        let stabilities = ["development", "alpha", "beta", "stable", "deprecated"]
        if let stability = component.json["stability"]?.stringValue,
            !stabilities.contains(stability)
        {
            faults.append("\(name): stability \"\(stability)\" is none of \(stabilities)")
        }
        let takes = kind == .processor || kind == .connector || kind == .sink
        let gives =
            kind == .receiver || kind == .exporter || kind == .processor || kind == .connector
        checkSignals(component, "consumes", takes, name)
        checkSignals(component, "emits", gives, name)
        if component.json["queue"] != nil && kind != .sink {
            faults.append("\(name): queue is for sinks")
        }
        if component.json["acknowledges"] != nil && kind != .receiver {
            faults.append("\(name): acknowledges is for receivers")
        }
        checkSchema(component.schema, "\(name): settings")
        faults += standaloneFaults(component, name)
    }

    private mutating func checkSignals(
        _ component: ComponentMetadata, _ key: String, _ wanted: Bool, _ name: String
    ) {
        let signals = component.json[key]?.arrayValue?.map { $0.stringValue ?? "" }
        if !wanted {
            if signals != nil { faults.append("\(name): \(key) makes no sense for its kind") }
            return
        }
        guard let signals, !signals.isEmpty else {
            faults.append("\(name): \(key) is missing")
            return
        }
        for signal in signals where !["traces", "metrics", "logs"].contains(signal) {
            faults.append("\(name): \(key): \"\(signal)\" is not a signal")
        }
    }

    /// Each object says whether other keys are allowed; each property has a description.
    private mutating func checkSchema(_ schema: JSONValue, _ path: String) {
        guard let properties = schema["properties"]?.objectValue else {
            if path.hasSuffix(": settings"), schema["type"]?.stringValue != "object" {
                faults.append("\(path): expected \"type\": \"object\"")
            }
            return
        }
        if schema["additionalProperties"] == nil && schema["$ref"] == nil {
            faults.append("\(path): say \"additionalProperties\": false, so that typos are errors")
        }
        for property in properties {
            let inner = "\(path).\(property.key)"
            let explains = ["description", "$ref", "x-weir-unsupported"]
            if !explains.contains(where: { property.value[$0]?.stringValue != nil }) {
                faults.append("\(inner): description is missing")
            }
            checkSchema(property.value, inner)
            if let items = property.value["items"] { checkSchema(items, "\(inner)[]") }
        }
    }
}
