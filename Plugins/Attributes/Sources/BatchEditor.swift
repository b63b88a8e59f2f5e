import Synchronization
import WeirSDK
import WeirTelemetry

/// Applies one list of edits to batches, on as many threads as call it.
final class BatchEditor: Sendable {
    /// The memory that one pass over a part needs, kept for the next.
    private struct Workspace: Sendable {
        let signal: Signal
        var editor: AttributeEditor
        var rewrite = Rewrite()
    }

    /// A request beyond this size would leave a workspace of a size that is seldom needed again.
    private static let largestKept = 4 << 20

    private let host: Host
    /// What a new workspace starts from, by signal.
    private let prototypes: [Signal: AttributeEditor]
    private let idle = Mutex<[Workspace]>([])

    init(
        _ edits: [AttributeEdit], of level: AttributeEditor.Level,
        where filter: RecordFilter? = nil,
        _ host: Host
    ) {
        self.host = host
        var prototypes: [Signal: AttributeEditor] = [:]
        for signal in Signal.allCases {
            prototypes[signal] = AttributeEditor(
                edits, of: level, in: signal, where: filter?.selection(in: signal))
        }
        self.prototypes = prototypes
    }

    /// The changed batch, or `nil` where nothing changes. Parts without a change are shared.
    func edit(_ batch: Batch) throws(ComponentError) -> Batch? {
        var workspace = take(batch.signal)
        defer { if batch.byteCount <= Self.largestKept { idle.withLock { $0.append(workspace) } } }
        var parts: [Part] = []
        for index in 0..<batch.partCount {
            let bytes = batch.part(index)
            do throws(WireError) {
                try workspace.editor.edit(bytes, into: &workspace.rewrite)
            } catch {
                throw .refused("part \(index) of the batch cannot be read: \(error)")
            }
            if workspace.rewrite.isUnchanged {
                if !parts.isEmpty { parts.append(Part(batch, part: index)) }
                continue
            }
            if parts.isEmpty {
                parts.reserveCapacity(batch.partCount)
                for before in 0..<index { parts.append(Part(batch, part: before)) }
            }
            parts.append(Part(try host.makeBuffer(writing: workspace.rewrite, of: bytes)))
        }
        guard !parts.isEmpty else { return nil }
        // The old batch is a source also where no byte of it is left: acknowledgements follow it.
        return try host.makeBatch(
            batch.signal, items: batch.items, parts: parts, sources: [batch])
    }

    private func take(_ signal: Signal) -> Workspace {
        let kept = idle.withLock { idle -> Workspace? in
            guard let index = idle.lastIndex(where: { $0.signal == signal }) else { return nil }
            return idle.remove(at: index)
        }
        return kept ?? Workspace(signal: signal, editor: prototypes[signal]!)
    }
}
