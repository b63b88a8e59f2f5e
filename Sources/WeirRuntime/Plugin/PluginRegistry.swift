import Synchronization
package import WeirConfig
package import WeirJSON

/// Every plugin that was found, by what it says of itself. Libraries are loaded when they are first
/// needed, so that what a configuration does not name runs no code.
package final class PluginRegistry: Sendable {
    package let manifests: [PluginManifest]
    /// What was found and not taken, and why.
    package let refused: [PluginLoadError]
    /// Where it looked.
    package let folders: [String]
    private let libraries: Mutex<[String: PluginLibrary]>

    /// Reads the metadata of all libraries in the folders. Runs no code of theirs. The first plugin
    /// that declares a component has it; another one that does too is refused whole.
    ///
    /// - Parameter earlier: What was loaded there is loaded for ever, and stays what it is, even if
    ///   its file has become another.
    package init(folders: [String], files: [String] = [], after earlier: PluginRegistry? = nil) {
        let loaded = earlier?.libraries.withLock { $0 } ?? [:]
        libraries = Mutex(loaded)
        var manifests: [PluginManifest] = []
        var refused: [PluginLoadError] = []
        for path in files + folders.flatMap(PluginDirectory.libraries) {
            do throws(PluginLoadError) {
                let known = loaded[path]?.manifest
                let manifest = if let known { known } else { try PluginManifest.read(path: path) }
                if manifests.contains(where: { $0.path == manifest.path }) { continue }
                if let clash = Self.clash(of: manifest, with: manifests) { throw clash }
                manifests.append(manifest)
            } catch {
                refused.append(error)
            }
        }
        self.folders = folders
        self.manifests = manifests
        self.refused = refused
    }

    private static func clash(
        of manifest: PluginManifest, with others: [PluginManifest]
    ) -> PluginLoadError? {
        for other in others {
            for component in manifest.components
            where other.components.contains(where: {
                $0.kind == component.kind && $0.type == component.type
            }) {
                return PluginLoadError(
                    .duplicate, manifest.path,
                    "declares the \(component.kind) \"\(component.type)\", which plugin "
                        + "\(other.id) (\(other.path)) already has: remove one of the two")
            }
            for name in manifest.components.compactMap(\.standalone?.name)
            where other.components.contains(where: { $0.standalone?.name == name }) {
                return PluginLoadError(
                    .duplicate, manifest.path,
                    "declares `weir exporter \(name)`, which plugin \(other.id) (\(other.path)) "
                        + "already has: remove one of the two")
            }
            for command in manifest.commands
            where other.commands.contains(where: { $0.name == command.name }) {
                return PluginLoadError(
                    .duplicate, manifest.path,
                    "declares the command \"\(command.name)\", which plugin \(other.id) "
                        + "(\(other.path)) already has: remove one of the two")
            }
        }
        return nil
    }

    /// The exporters that can run alone, by their name there.
    package var standalone: [(owner: PluginManifest, component: PluginManifest.Component)] {
        manifests.flatMap { owner in
            owner.components.filter { $0.standalone != nil }.map { (owner, $0) }
        }.sorted { $0.1.standalone!.name < $1.1.standalone!.name }
    }

    package func manifest(_ kind: ComponentKind, _ type: String) -> PluginManifest.Component? {
        manifests.lazy.flatMap(\.components).first { $0.kind == kind && $0.type == type }
    }

    /// The loaded library that has a component.
    package func library(
        _ kind: ComponentKind, _ type: String
    ) throws(PluginLoadError)
        -> PluginLibrary
    {
        let owner = manifests.first { manifest in
            manifest.components.contains { $0.kind == kind && $0.type == type }
        }
        guard let owner else {
            throw PluginLoadError(.noEntry, "?", "no plugin has the \(kind) \"\(type)\"")
        }
        return try library(owner)
    }

    /// The loaded library of a plugin.
    package func library(_ owner: PluginManifest) throws(PluginLoadError) -> PluginLibrary {
        let loaded = libraries.withLock { $0[owner.path] }
        if let loaded { return loaded }
        let library = try PluginLibrary.load(owner)
        libraries.withLock { $0[owner.path] = library }
        return library
    }

    /// What configurations are checked against.
    package var catalog: ComponentCatalog {
        ComponentCatalog(
            components: manifests.flatMap(\.components).map { component in
                ComponentCatalog.Component(
                    kind: component.kind, type: component.type, signalsIn: component.consumes,
                    signalsOut: component.emits, schema: component.hostedSchema,
                    summary: component.summary,
                    stability: Stability(rawValue: component.stability) ?? .development,
                    aliases: component.aliases)
            } + [FileStorage.component], fragments: Fragments.all)
    }
}

extension PluginManifest.Component {
    /// The plugin's schema, and the settings that the host adds for its kind.
    package var hostedSchema: JSONValue {
        let settings = settings
        var added: [JSONMember] = []
        func add(_ key: String, _ schema: String) {
            guard settings["properties"]?[key] == nil else { return }
            do {
                added.append(JSONMember(key, try JSONValue(parsing: schema)))
            } catch {
                preconditionFailure("the schema of \(key) is not JSON: \(error)")
            }
        }
        if kind == .sink {
            add(
                "required",
                #"""
                {"type": "boolean", "default": true,
                 "description": "Off: senders are not told of what this sink does not take or deliver; it is dropped and counted."}
                """#)
        }
        if queue {
            add("timeout", Self.duration("5s", "How long one attempt may take; 0: no limit."))
            add("sending_queue", #"{"$ref": "weir:sending_queue"}"#)
            add("dead_letter", #"{"$ref": "weir:dead_letter"}"#)
            add("retry_on_failure", #"{"$ref": "weir:retry_on_failure"}"#)
        }
        if kind == .receiver, acknowledges {
            add(
                "ack",
                #"""
                {"type": "string", "enum": ["enqueued", "durable", "delivered"], "default": "enqueued",
                 "description": "When a request is answered: as soon as all that follows has taken it into memory, once every required sink has it on disk, or once every required sink has delivered it."}
                """#)
        }
        if kind == .exporter {
            add("interval", Self.duration("15s", "How often the system is read."))
            add("initial_delay", Self.duration("1s", "The wait before the first time."))
            add("timeout", Self.duration("10s", "How long reading it may take."))
            add(
                "labels",
                #"""
                {"type": ["object", "null"], "additionalProperties": {"type": "string"},
                 "description": "Attributes that every point gets, unless it has one of that name."}
                """#)
        }
        guard !added.isEmpty, case .object(var members) = settings else { return settings }
        let own = settings["properties"]?.objectValue ?? []
        members.removeAll { $0.key == "properties" }
        members.append(JSONMember("properties", .object(own + added)))
        return .object(members)
    }

    private static func duration(_ value: String, _ description: String) -> String {
        """
        {"type": "string", "format": "duration", "default": "\(value)", "description": "\(description)"}
        """
    }
}
