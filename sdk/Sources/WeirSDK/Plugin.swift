/// What a plugin consists of, as the host sees it.
///
/// ```swift
/// public let plugin = Plugin(
///     id: "weir.batch", version: "0.1.0",
///     components: [.processor("batch", BatchProcessor.self, [.runsConcurrently])])
///
/// @c(weir_plugin_batch) public func weirPluginBatch() -> UnsafeRawPointer { unsafe plugin.table }
/// ```
///
/// Id, version, components and commands are the same as in `plugin.json`; the conformance suite compares.
public struct Plugin: Sendable {
    public let id: String
    public let version: String
    public let components: [Registration]
    public let commands: [Command]
    let bridge: PluginTable

    /// Builds the table that the host reads. It lives as long as the process, so call it once, for
    /// a global constant.
    public init(
        id: String, version: String, components: [Registration], commands: [Command] = []
    ) {
        self.id = id
        self.version = version
        self.components = components
        self.commands = commands
        bridge = PluginTable(
            id: id, version: version, components: components, commands: commands)
    }
}

/// What a component allows its host to do.
public struct Capabilities: OptionSet, Sendable {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// `consume`, `deliver` and `collect` may run several at once. Without it the host lets one in
    /// at a time.
    public static let runsConcurrently = Capabilities(rawValue: 1 << 0)
    /// `deliver` may block (file, database, client library): the host calls it on a thread of its
    /// own, never on one that serves sockets. `collect` always may, `consume` never.
    public static let mayBlock = Capabilities(rawValue: 1 << 1)
}

/// The kinds of components.
public enum ComponentKind: UInt32, Sendable, CaseIterable {
    case receiver = 1
    case exporter = 2
    case processor = 3
    case connector = 4
    case sink = 5
    case `extension` = 6
}
