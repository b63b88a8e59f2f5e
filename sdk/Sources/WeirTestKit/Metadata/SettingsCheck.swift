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
    return declared.subtracting(asked).sorted().map {
        "\(component.type): the schema has \($0), the settings never read it"
    }
        + asked.subtracting(declared).sorted().map {
            "\(component.type): the settings read \($0), the schema lacks it"
        }
}
