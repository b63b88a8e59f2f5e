import WeirSDK
import WeirTelemetry

/// Makes batches to send from batches that came in: joins, compacts, splits.
struct Assembler: Sendable {
    let signal: Signal
    /// Items that a batch may have; 0: any number.
    let maximum: Int
    let host: Host

    func assemble(_ batches: [Batch]) -> [Batch] {
        guard maximum > 0 else { return join(batches) }
        var result: [Batch] = []
        var group: [Batch] = []
        var items = 0
        for piece in batches.flatMap(pieces) {
            if items + piece.items > maximum && !group.isEmpty {
                result += join(group)
                group = []
                items = 0
            }
            group.append(piece)
            items += piece.items
        }
        if !group.isEmpty { result += join(group) }
        return result
    }

    /// One batch of all, or all of them as they are if the host has no memory to join them.
    private func join(_ batches: [Batch]) -> [Batch] {
        do throws(ComponentError) {
            if let compact = try Compaction(signal: signal, host: host).join(batches) {
                return [compact]
            }
            return [try host.makeBatch(signal, joining: batches)]
        } catch {
            host.log(.warning, "batches are sent as they came: \(error.message)")
            return batches
        }
    }

    /// A batch that is too large, in pieces: by its parts, then by the records of a part. If the
    /// host has no memory for that, the batch as it is.
    private func pieces(_ batch: Batch) -> [Batch] {
        guard batch.items > maximum else { return [batch] }
        do {
            var pieces: [Batch] = []
            for part in 0..<batch.partCount {
                let items = try scan(batch.part(part), as: signal).items
                let whole = Part(batch, part: part)
                let parts = try Splitter(signal: signal, maximum: maximum, host: host)
                    .split(whole, batch.part(part), items: items)
                for (part, items) in parts where items > 0 {
                    pieces.append(
                        try host.makeBatch(signal, items: items, parts: [part], sources: [batch]))
                }
            }
            return pieces
        } catch {
            host.log(.warning, "a batch of \(batch.items) items is not split: \(error)")
            return [batch]
        }
    }
}
