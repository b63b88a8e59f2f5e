import WeirSDK
import WeirTelemetry

/// Copies very small parts together, because each part costs a system call's vector entry and a
/// buffer on its way through the host's network code.
///
/// Measured with writev over a unix socket (README): below 512 bytes copying is cheaper for the
/// kernel alone; what a part costs above it makes 1 KiB the break-even.
struct Compaction {
    static let smallPart = 1024
    static let manyParts = 64

    let signal: Signal
    let host: Host

    /// One batch of all, with runs of small parts in one buffer; `nil`: there is nothing to gain.
    func join(_ batches: [Batch]) throws(ComponentError) -> Batch? {
        guard batches.reduce(0, { $0 + $1.partCount }) > Compaction.manyParts else { return nil }
        var copied = 0
        var small = 0
        for batch in batches {
            for index in 0..<batch.partCount {
                let count = batch.part(index).byteCount
                if count < Compaction.smallPart {
                    copied += count
                    small += 1
                }
            }
        }
        guard small > Compaction.manyParts else { return nil }
        var buffer = try host.makeBuffer(length: copied)
        var large: [Part] = []
        var items = 0
        var offset = 0
        for batch in batches {
            items += batch.items
            for index in 0..<batch.partCount {
                let bytes = batch.part(index)
                if bytes.byteCount < Compaction.smallPart {
                    buffer.write(bytes, at: offset)
                    offset += bytes.byteCount
                } else {
                    large.append(Part(batch, part: index))
                }
            }
        }
        return try host.makeBatch(
            signal, items: items, parts: [Part(buffer.freeze())] + large, sources: batches)
    }
}
