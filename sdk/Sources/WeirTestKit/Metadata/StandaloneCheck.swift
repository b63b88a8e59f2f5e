import WeirJSON
import WeirSDK

/// Checks `standalone` of an exporter: how `weir exporter NAME` runs it alone.
func standaloneFaults(_ component: ComponentMetadata, _ name: String) -> [String] {
    guard let standalone = component.json["standalone"] else { return [] }
    let place = "\(name): standalone"
    guard component.kind == .exporter else { return ["\(place) is for exporters"] }
    guard standalone.objectValue != nil else { return ["\(place): expected an object"] }
    var faults = unknownKeys(standalone, ["name", "listen", "endpoint", "probe"], place)
    for key in ["name", "listen"] where standalone[key]?.stringValue?.isEmpty ?? true {
        faults.append("\(place).\(key) is missing or empty")
    }
    var settings: [(place: String, value: JSONValue?)] = []
    if let endpoint = standalone["endpoint"] { settings.append(("\(place).endpoint", endpoint)) }
    if let probe = standalone["probe"] {
        faults += unknownKeys(
            probe,
            ["path", "target", "parameters", "replaces", "credentials", "targets", "withholds"],
            "\(place).probe")
        let path = probe["path"]?.stringValue ?? ""
        if !path.hasPrefix("/") || ["/", "/metrics", "/-/healthy"].contains(path) {
            faults.append("\(place).probe.path: expected a path of its own, as /probe")
        }
        settings.append(("\(place).probe.target", probe["target"]))
        for parameter in probe["parameters"]?.objectValue ?? [] {
            settings.append(("\(place).probe.parameters.\(parameter.key)", parameter.value))
        }
        for key in ["replaces", "withholds"] {
            for value in probe[key]?.arrayValue ?? [] {
                settings.append(("\(place).probe.\(key)", value))
            }
        }
        // As the schema writes it, a key that is free is `<name>`, whatever names it here.
        for value in probe["credentials"]?.arrayValue ?? [] {
            let path = value.stringValue?.split(separator: ".").map {
                $0.hasPrefix("<") ? "<name>" : String($0)
            }
            settings.append(
                ("\(place).probe.credentials", path.map { .string($0.joined(separator: ".")) }))
        }
        if let targets = probe["targets"] { settings.append(("\(place).probe.targets", targets)) }
    }
    let schema = Schema(component.schema)
    let known = schema.paths().union(["interval", "timeout", "initial_delay", "labels"])
    let free = schema.freePrefixes()
    for setting in settings {
        guard let path = setting.value?.stringValue, !path.isEmpty else {
            faults.append("\(setting.place): expected the path of a setting")
            continue
        }
        let isFree = free.contains { $0.isEmpty || path.hasPrefix($0 + ".") }
        if !known.contains(path), !isFree {
            faults.append("\(setting.place): the schema has no setting \(path)")
        }
    }
    return faults
}

private func unknownKeys(_ json: JSONValue, _ known: [String], _ place: String) -> [String] {
    (json.objectValue ?? []).filter { !known.contains($0.key) }
        .map { "\(place): unknown key \($0.key)" }
}
