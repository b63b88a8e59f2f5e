public import WeirSDK
import WeirTelemetry

public let plugin = Plugin(
    id: "weir.attributes", version: "0.1.0",
    components: [
        .processor("attributes", AttributesProcessor.self, [.runsConcurrently]),
        .processor("resource", ResourceProcessor.self, [.runsConcurrently]),
    ])

@c(weir_plugin_attributes) public func weirPluginAttributes() -> UnsafeRawPointer {
    unsafe plugin.table
}

/// Edits the attributes of each span, log record and data point.
final class AttributesProcessor: Processor {
    private let host: Host
    private let editor: BatchEditor

    init(settings: AttributesSettings, host: Host) throws(ComponentError) {
        self.host = host
        editor = BatchEditor(
            try settings.actions.edits(host.hash), of: .record,
            where: RecordFilter(include: settings.include, exclude: settings.exclude), host)
    }

    /// What follows answers for the batch: its RETRY or REFUSED goes to the sender as it is.
    func consume(_ batch: Batch) throws(ComponentError) {
        try host.emit(try editor.edit(batch) ?? batch)
    }
}

/// Edits the attributes of each resource.
final class ResourceProcessor: Processor {
    private let host: Host
    private let editor: BatchEditor

    init(settings: ResourceSettings, host: Host) throws(ComponentError) {
        self.host = host
        editor = BatchEditor(try settings.attributes.edits(host.hash), of: .resource, host)
    }

    func consume(_ batch: Batch) throws(ComponentError) {
        try host.emit(try editor.edit(batch) ?? batch)
    }
}
