import NIOCore
import WeirTelemetry

extension HostBatch {
    /// The batch in two: by its parts or, where it has one, by its records. `nil`: it cannot be
    /// divided.
    func halves(budget: MemoryBudget) -> (HostBatch, HostBatch)? {
        parts.count > 1 ? halvesByParts() : halvesByRecords(budget)
    }

    private func halvesByParts() -> (HostBatch, HostBatch)? {
        let middle = parts.count / 2
        var first = 0
        do throws(WireError) {
            for part in parts[..<middle] {
                first += try scan(part.readableBytesSpan, as: signal).items
            }
        } catch {
            return nil
        }
        guard first < items else { return nil }
        return (
            piece(items: first, Array(parts[..<middle])),
            piece(items: items - first, Array(parts[middle...]))
        )
    }

    private func halvesByRecords(_ budget: MemoryBudget) -> (HostBatch, HostBatch)? {
        guard let part = parts.first else { return nil }
        do throws(WireError) {
            var count = 0
            _ = try removeRecords(part.readableBytesSpan, as: signal) { _ in
                count += 1
                return false
            }
            let middle = count / 2
            guard middle > 0 else { return nil }
            let first = try half(of: part, budget) { $0 >= middle }
            let second = try half(of: part, budget) { $0 < middle }
            return first.items + second.items == items ? (first, second) : nil
        } catch {
            return nil
        }
    }

    private func half(
        of part: ByteBuffer, _ budget: MemoryBudget, without isLeftOut: (Int) -> Bool
    ) throws(WireError) -> HostBatch {
        var index = 0
        let (rewrite, removed) = try removeRecords(part.readableBytesSpan, as: signal) { _ in
            defer { index += 1 }
            return isLeftOut(index)
        }
        let bytes = ByteBuffer(bytes: rewrite.bytes(from: part.readableBytesSpan))
        return HostBatch(
            signal: signal, items: items - removed, parts: [bytes],
            owners: [HostBuffer(bytes, budget: budget), self])
    }

    private func piece(items: Int, _ parts: [ByteBuffer]) -> HostBatch {
        HostBatch(signal: signal, items: items, parts: parts, owners: [self])
    }
}
