package import WeirConfig
package import WeirJSON

/// What a plugin says of itself in its metadata (docs/plugin-json.md).
package struct PluginManifest: Sendable {
    package let path: String
    package let id: String
    package let version: String
    package let license: String
    package let summary: String
    package let minor: UInt32
    package let components: [Component]
    package let commands: [Command]

    /// A command of its own: `weir NAME ...`.
    package struct Command: Sendable {
        package let name: String
        package let summary: String
    }

    package struct Component: Sendable {
        package let kind: ComponentKind
        package let type: String
        package let aliases: [String]
        package let summary: String
        package let description: String
        package let stability: String
        package let consumes: Set<WeirConfig.Signal>
        package let emits: Set<WeirConfig.Signal>
        /// Sinks: whether the host queues and retries for it.
        package let queue: Bool
        /// Receivers: whether they can wait with their answer (weir/ext/ack.h).
        package let acknowledges: Bool
        /// Settings that `weir plugin check` may try it with.
        package let example: JSONValue?
        /// The schema of its settings, as text: trees of all plugins' schemas would be the largest
        /// thing that a process at rest has, and are for the start and a reload alone.
        fileprivate let schema: [UInt8]
        /// Exporters: how `weir exporter NAME` runs it alone.
        package let standalone: Standalone?

        /// The schema of its settings, made anew each time.
        package var settings: JSONValue {
            do {
                return try JSONValue(parsing: schema)
            } catch {
                preconditionFailure("a schema that was JSON when it was read: \(error)")
            }
        }
    }
}

extension PluginManifest {
    /// Reads the metadata of the file at `path`. Runs no code of the plugin.
    package static func read(path: String) throws(PluginLoadError) -> PluginManifest {
        let header = try ELFMetadata.read(path: path)
        guard header.epoch == PluginABI.epoch else {
            throw PluginLoadError(
                .wrongEpoch, path,
                "has ABI epoch \(header.epoch), this host has \(PluginABI.epoch). "
                    + (header.epoch > PluginABI.epoch
                        ? "Use a newer weir" : "Rebuild the plugin with this host's sdk"))
        }
        let json: JSONValue
        do {
            json = try JSONValue(parsing: header.json)
        } catch {
            throw PluginLoadError(.badMetadata, path, "its metadata is not JSON: \(error)")
        }
        let reader = ManifestReader(path: path)
        return try reader.manifest(json, minor: header.minor)
    }
}

struct ManifestReader {
    let path: String

    func manifest(_ json: JSONValue, minor: UInt32) throws(PluginLoadError) -> PluginManifest {
        guard let list = json["components"]?.arrayValue, !list.isEmpty else {
            throw bad("\"components\" is missing or empty: a plugin declares at least one")
        }
        var components: [PluginManifest.Component] = []
        for (index, entry) in list.enumerated() {
            let component = try self.component(entry, at: "components[\(index)]")
            if components.contains(where: { $0.kind == component.kind && $0.type == component.type }
            ) {
                throw PluginLoadError(
                    .duplicate, path,
                    "declares the \(component.kind) \"\(component.type)\" twice: keep one of them")
            }
            components.append(component)
        }
        return PluginManifest(
            path: path, id: try text(json, "id"), version: try text(json, "version"),
            license: try text(json, "license"), summary: try text(json, "summary"), minor: minor,
            components: components, commands: try commands(json))
    }

    func commands(_ json: JSONValue) throws(PluginLoadError) -> [PluginManifest.Command] {
        var commands: [PluginManifest.Command] = []
        for (index, entry) in (json["commands"]?.arrayValue ?? []).enumerated() {
            let place = "commands[\(index)]"
            let name = try text(entry, "name", in: place)
            if commands.contains(where: { $0.name == name }) {
                throw PluginLoadError(
                    .duplicate, path, "declares the command \"\(name)\" twice: keep one of them")
            }
            commands.append(
                PluginManifest.Command(name: name, summary: try text(entry, "summary", in: place)))
        }
        return commands
    }

    func component(
        _ json: JSONValue, at place: String
    ) throws(PluginLoadError)
        -> PluginManifest.Component
    {
        let kindText = try text(json, "kind", in: place)
        guard let kind = ComponentKind(rawValue: kindText) else {
            throw bad(
                "\(place).kind is \"\(kindText)\", expected one of "
                    + ComponentKind.allCases.map(\.rawValue).joined(separator: ", "))
        }
        return PluginManifest.Component(
            kind: kind, type: try text(json, "type", in: place),
            aliases: json["aliases"]?.arrayValue?.compactMap(\.stringValue) ?? [],
            summary: try text(json, "summary", in: place),
            description: json["description"]?.stringValue ?? "",
            stability: json["stability"]?.stringValue ?? "development",
            consumes: try signals(json, "consumes", in: place),
            emits: try signals(json, "emits", in: place),
            queue: json["queue"]?.boolValue ?? false,
            acknowledges: json["acknowledges"]?.boolValue ?? false, example: json["example"],
            schema: json["settings"]?.serializedBytes() ?? Array(#"{"type":"object"}"#.utf8),
            standalone: try json["standalone"].map { json throws(PluginLoadError) in
                guard kind == .exporter else {
                    throw bad("\(place).standalone is for exporters, not for a \(kind)")
                }
                return try standalone(json, in: "\(place).standalone")
            })
    }

    func signals(
        _ json: JSONValue, _ key: String, in place: String
    ) throws(PluginLoadError)
        -> Set<WeirConfig.Signal>
    {
        var signals: Set<WeirConfig.Signal> = []
        for entry in json[key]?.arrayValue ?? [] {
            guard let text = entry.stringValue, let signal = WeirConfig.Signal(rawValue: text)
            else {
                throw bad("\(place).\(key) holds \(entry), expected traces, metrics or logs")
            }
            signals.insert(signal)
        }
        return signals
    }

    func text(
        _ json: JSONValue, _ key: String, in place: String? = nil
    ) throws(PluginLoadError)
        -> String
    {
        guard let text = json[key]?.stringValue, !text.isEmpty else {
            throw bad("\(place.map { $0 + "." } ?? "")\(key) is missing, or no text")
        }
        return text
    }

    func bad(_ reason: String) -> PluginLoadError {
        PluginLoadError(.badMetadata, path, "its metadata is not valid: \(reason)")
    }
}
