import WeirJSON
import WeirPrometheus
import WeirSDK

extension RelabelDocument {
    /// The rules of one remote write.
    init(write name: String, _ json: JSONValue, host: Host) throws(ComponentError) {
        let writes = try RelabelDocument.writes(json)
        let known = writes.map(\.name).joined(separator: ", ")
        guard
            let write = writes.first(where: { $0.name == name })
                ?? Int(name).flatMap({ writes.indices.contains($0 - 1) ? writes[$0 - 1] : nil })
        else {
            throw .invalid(
                known.isEmpty
                    ? "found no remote_write"
                    : "found no remote_write \(name), expected a number from 1 or one of \(known)")
        }
        title = "remote_write \(write.name)"
        list = "write_relabel_configs"
        targetRules = try RelabelDocument.rules(
            write.settings["write_relabel_configs"] ?? .null, list, names: .utf8, host: host)
        for member in write.externalLabels?.objectValue ?? [] {
            defaults.append(Label(member.key, member.value.stringValue ?? ""))
        }
    }

    private typealias Write = (name: String, settings: JSONValue, externalLabels: JSONValue?)

    /// Of a prometheus.yml, or of the sinks of a configuration of Weir.
    private static func writes(_ json: JSONValue) throws(ComponentError) -> [Write] {
        let type = "prometheusremotewrite"
        if let sinks = (json["sinks"] ?? json["exporters"])?.objectValue {
            return sinks.filter { $0.key == type || $0.key.hasPrefix(type + "/") }.map { sink in
                let settings = sink.value.withSingleDollars
                let name = sink.key == type ? type : String(sink.key.dropFirst(type.count + 1))
                return (name, settings, settings["external_labels"])
            }
        }
        try KnownKeys.check(json, "", KnownKeys.file)
        try KnownKeys.check(json["global"], "global", KnownKeys.global)
        try KnownKeys.check(each: json["remote_write"], "remote_write", KnownKeys.write)
        let external = json["global"]?["external_labels"]
        return (json["remote_write"]?.arrayValue ?? []).enumerated().map { index, write in
            (write["name"]?.stringValue ?? "\(index + 1)", write, external)
        }
    }
}
