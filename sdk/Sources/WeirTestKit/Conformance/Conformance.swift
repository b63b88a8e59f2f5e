public import WeirSDK

/// What a conformance run needs to know about one component.
public struct ConformanceOptions: Sendable {
    /// Settings under which components are made, by type, or by kind and type (`sink otlp`);
    /// others get their defaults. They must
    /// let a component start on a fake host.
    public var settings: [String: String]
    /// Whether every item that goes into a processor comes out, is dropped or is held. False for
    /// those that make other telemetry from what they take.
    public var conservesItems: Bool
    /// False if a component cannot start without a server that it talks to by itself; then
    /// everything that needs a start is left out here.
    public var startsWithoutServer: Bool

    public init(
        settings: [String: String] = [:], conservesItems: Bool = true,
        startsWithoutServer: Bool = true
    ) {
        self.settings = settings
        self.conservesItems = conservesItems
        self.startsWithoutServer = startsWithoutServer
    }
}

/// The suite that every plugin is put through.
///
/// ```swift
/// @Test func conforms() throws { try conformance(plugin) }
/// ```
///
/// It compares `plugin.json` with itself, with the plugin's table and with the settings that the
/// components decode; it makes, starts, drains, stops and destroys every component in every order
/// that a host may take, feeds it nonsense for settings, valid batches, batches from several
/// threads where that is allowed, and batches after the end; and it looks for leaks, for items that
/// got lost, and for batches that are not well-formed.
///
/// - Throws: ``TestFailure`` with every fault that was found.
public func conformance(
    _ plugin: Plugin, _ options: ConformanceOptions = ConformanceOptions(),
    file: String = #filePath
) throws {
    try conformance(plugin, metadata: PluginMetadata(besides: file), options)
}

/// The same for a plugin whose `plugin.json` is given as text.
public func conformance(
    _ plugin: Plugin, json: String, _ options: ConformanceOptions = ConformanceOptions()
) throws {
    try conformance(plugin, metadata: PluginMetadata(text: json), options)
}

private func conformance(
    _ plugin: Plugin, metadata: PluginMetadata, _ options: ConformanceOptions
) throws {
    var check = MetadataCheck(plugin, metadata)
    check.run()
    var faults = check.faults
    for registration in plugin.components {
        guard let component = metadata.component(registration.kind, registration.type) else {
            continue
        }
        faults += settingsFaults(registration, component)
        let run = ComponentRun(plugin, registration, component, options)
        faults += run.all().map { "\(registration.kind) \(registration.type): \($0)" }
    }
    if !faults.isEmpty { throw TestFailure(faults.joined(separator: "\n")) }
}
