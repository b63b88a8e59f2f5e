import WeirJSON
import WeirSDK

/// Compares the schema of settings with the keys that the component's settings ask for.
func settingsFaults(_ registration: Registration, _ component: ComponentMetadata) -> [String] {
    let schema = Schema(component.schema)
    let trace = SettingsTrace()
    do throws(ComponentError) {
        try registration.decode(schema.sample(), trace)
    } catch {
        let sample = schema.sample().serialized()
        return ["\(component.type): settings that fit the schema are refused: \(error) (\(sample))"]
    }
    let declared = schema.paths()
    let free = schema.freePrefixes()
    let asked = trace.paths.filter { path in
        // Below a mapping with names that people choose, any key may be asked for.
        !free.contains { prefix in
            path.hasPrefix(prefix.isEmpty ? "" : prefix + ".") && !declared.contains(path)
        }
    }
    // What the host acts on need not be read; a schema has it to give it another default, or because
    // `weir exporter` looks at it.
    let probed = component.json["standalone"]?["probe"]?["targets"]?.stringValue
    let hosts = component.keysOfHost + (probed.map { [$0] } ?? [])
    let unread = declared.subtracting(asked).filter { path in
        !hosts.contains { path == $0 || path.hasPrefix($0 + ".") }
    }
    return unread.sorted().map {
        "\(component.type): the schema has \($0), the settings never read it"
    }
        + asked.subtracting(declared).subtracting(schema.refusedPaths()).sorted().map {
            "\(component.type): the settings read \($0), the schema lacks it"
        }
}

extension ComponentMetadata {
    /// The settings that the host adds to those of the component (docs/plugin-json.md).
    fileprivate var keysOfHost: [String] {
        if kind == .exporter { return ["interval", "timeout", "initial_delay", "labels"] }
        if kind == .receiver, json["acknowledges"]?.boolValue == true { return ["ack"] }
        guard kind == .sink else { return [] }
        if json["queue"]?.boolValue == true {
            return ["required", "sending_queue", "retry_on_failure", "timeout", "dead_letter"]
        }
        return ["required"]
    }
}
