package import WeirConfig
package import WeirJSON

/// The extension `file_storage`: a folder in which sending queues and checkpoints are kept. The core's
/// own, with the Collector's settings; no plugin has it.
package struct FileStorage: Sendable, Equatable {
    package static let type = "file_storage"

    package let id: String
    package let directory: String
    package let makesDirectory: Bool
    /// How long to wait for another process that still has the folder.
    package let timeoutNano: UInt64
    package let syncs: Bool

    /// From its settings, validated and with their defaults.
    package init(id: String, _ settings: JSONValue) {
        self.id = id
        directory = settings["directory"]?.stringValue ?? Self.defaultDirectory
        makesDirectory = settings["create_directory"]?.boolValue ?? true
        timeoutNano =
            settings["timeout"]?.integerValue.map { UInt64(clamping: $0) } ?? 1_000_000_000
        syncs = settings["fsync"]?.boolValue ?? true
    }

    package init(id: String, directory: String, syncs: Bool = true) {
        self.id = id
        self.directory = directory
        makesDirectory = true
        timeoutNano = 0
        self.syncs = syncs
    }

    private static let defaultDirectory = "/var/lib/weir/file_storage"

    /// What configurations are checked against.
    package static let component = ComponentCatalog.Component(
        kind: .extension, type: type, schema: schema,
        summary: "Keeps sending queues and checkpoints in a folder.")

    private static let schema: JSONValue = {
        do {
            return try JSONValue(
                parsing: #"""
                    {
                      "type": ["object", "null"],
                      "properties": {
                        "directory": {"type": "string", "minLength": 1,
                          "default": "/var/lib/weir/file_storage",
                          "description": "The folder; each sink has one of its own in it."},
                        "create_directory": {"type": "boolean", "default": true,
                          "description": "Make the folder if it is not there."},
                        "timeout": {"type": "string", "format": "duration", "default": "1s",
                          "description": "How long to wait for another process that has the folder."},
                        "fsync": {"type": "boolean", "default": true,
                          "description": "Wait until the disk has it. Off: what is stored survives the process, not the machine."},
                        "directory_permissions": {"type": "string", "x-weir-no-effect": true},
                        "recreate": {"type": "boolean", "x-weir-no-effect": true},
                        "compaction": {"type": ["object", "null"], "x-weir-no-effect": true}
                      }
                    }
                    """#)
        } catch {
            preconditionFailure("the schema of file_storage is not JSON: \(error)")
        }
    }()
}

extension Configuration {
    /// Those that the service names, by id.
    package var fileStorages: [String: FileStorage] {
        var found: [String: FileStorage] = [:]
        for id in extensions {
            guard let component = component(.extension, id), component.type == FileStorage.type
            else { continue }
            found[id.description] = FileStorage(id: id.description, component.settings)
        }
        return found
    }

    /// Sinks that name a storage which is not there.
    package var storageFaults: [ConfigurationPlaces.Fault] {
        let storages = fileStorages
        return components.filter { $0.kind == .sink && $0.isUsed }.compactMap { sink in
            let queue = sink.settings["sending_queue"]
            guard let name = queue?["storage"]?.stringValue else {
                guard queue?["overflow"]?.stringValue == "spill" else { return nil }
                return .init(
                    .sink, sink.id.description,
                    "sending_queue.overflow: spill needs a disk to spill to: set "
                        + "sending_queue.storage to an extension file_storage")
            }
            if storages[name] != nil { return nil }
            let others = storages.keys.sorted().joined(separator: ", ")
            return .init(
                .sink, sink.id.description,
                "sending_queue.storage: '\(name)' is no extension file_storage that service.extensions "
                    + (others.isEmpty ? "names: define one there" : "names: expected \(others)"))
        }
    }
}
