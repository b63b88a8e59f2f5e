import WeirSDK
import WeirTelemetry

/// Splits a request by its records, resource and scope of each kept: halves, and halves of halves,
/// so that a record is copied log(pieces) times. A metric stays whole, whatever points it has.
struct Splitter {
    let signal: Signal
    let maximum: Int
    let host: Host

    func split(_ part: Part, _ bytes: RawSpan, items: Int) throws -> [(part: Part, items: Int)] {
        guard items > maximum else { return [(part, items)] }
        let pieces = (items + maximum - 1) / maximum
        let target = (pieces / 2) * maximum
        var (first, firstItems) = try half(bytes, items) { $0 + $1 > target }
        var (second, secondItems) = try half(bytes, items) { $0 + $1 <= target }
        if firstItems == 0 {
            // The first record alone is larger than the target: it goes by itself.
            (first, firstItems) = try half(bytes, items) { before, _ in before > 0 }
            (second, secondItems) = try half(bytes, items) { before, _ in before == 0 }
        }
        if secondItems == 0 { return [(part, items)] }
        return try split(Part(first), first.bytes, items: firstItems)
            + split(Part(second), second.bytes, items: secondItems)
    }

    /// The request without the records for which `remove` holds, given the items before the record
    /// and those in it.
    private func half(
        _ bytes: RawSpan, _ items: Int, _ remove: (Int, Int) -> Bool
    ) throws -> (Buffer, Int) {
        var seen = 0
        let (rewrite, removed) = try removeRecords(bytes, as: signal) { record in
            let count = signal == .metrics ? MetricView(record).pointCount : 1
            defer { seen += count }
            return remove(seen, count)
        }
        return (try host.makeBuffer(rewrite, of: bytes), items - removed)
    }
}
