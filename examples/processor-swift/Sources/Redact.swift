import Synchronization
public import WeirSDK
import WeirTelemetry

public let plugin = Plugin(
    id: "example.redact", version: "1.0.0", components: [.processor("redact", Redact.self)])

@c(example_redact) public func exampleRedact() -> UnsafeRawPointer { plugin.table }

/// Masks the values of attributes by name.
final class Redact: Processor {
    /// As in plugin.json; the host has checked them and filled in the defaults.
    struct Settings: Decodable, Sendable {
        var keys: [String]
        var mask: String
    }

    private let host: Host
    /// An editor keeps its memory from batch to batch.
    private let editors: Mutex<[Signal: AttributeEditor]>

    init(settings: Settings, host: Host) {
        self.host = host
        let edits = settings.keys.map {
            AttributeEdit($0, .update(.value(.string(settings.mask))))
        }
        var editors: [Signal: AttributeEditor] = [:]
        for signal in Signal.allCases {
            editors[signal] = AttributeEditor(edits, of: .record, in: signal)
        }
        self.editors = Mutex(editors)
    }

    /// A batch never changes: what is edited goes into a new one, with the parts that stay shared.
    func consume(_ batch: Batch) throws(ComponentError) {
        var parts: [Part] = []
        var isChanged = false
        for index in 0..<batch.partCount {
            if let bytes = try edited(batch, part: index) {
                parts.append(Part(try host.makeBuffer(copying: bytes)))
                isChanged = true
            } else {
                parts.append(Part(batch, part: index))
            }
        }
        guard isChanged else { return try host.emit(batch) }
        try host.emit(
            try host.makeBatch(batch.signal, items: batch.items, parts: parts, sources: [batch]))
    }

    private func edited(_ batch: Batch, part index: Int) throws(ComponentError) -> [UInt8]? {
        do {
            return try editors.withLock { try $0[batch.signal]!.edit(batch.part(index)) }
        } catch {
            throw .refused("part \(index) of the batch cannot be read: \(error)")
        }
    }
}
