/// Which messages of one partition are done, and up to where: what the group may be told.
///
/// A value. Offsets come in ascending order and with gaps; they are done in any order, and the
/// position moves only over those that are all done. What was seen is not taken again: a pause makes
/// librdkafka read anew from a place that may lie before it.
struct PartitionLedger {
    private struct Entry {
        let offset: Int64
        let bytes: Int
        var isDone = false
    }

    /// In ascending order; those before `first` are gone.
    private var entries: [Entry] = []
    private var first = 0
    /// The lowest offset that has not been seen.
    private var next = Int64.min
    /// Everything below it is done; `nil`: nothing is yet.
    private(set) var position: Int64?
    /// Bytes and number of messages that are not done.
    private(set) var openBytes = 0
    private(set) var openCount = 0

    init() {}

    /// A message was read; `false` if it was seen before.
    mutating func begin(_ offset: Int64, bytes: Int) -> Bool {
        guard offset >= next else { return false }
        next = offset + 1
        entries.append(Entry(offset: offset, bytes: bytes))
        openBytes += bytes
        openCount += 1
        return true
    }

    /// A message is done; the new position, if it moved.
    mutating func finish(_ offset: Int64) -> Int64? {
        guard let index = index(of: offset), !entries[index].isDone else { return nil }
        entries[index].isDone = true
        openBytes -= entries[index].bytes
        openCount -= 1
        guard index == first else { return nil }
        while first < entries.count, entries[first].isDone {
            position = entries[first].offset + 1
            first += 1
        }
        if first == entries.count || first >= 1024 {
            entries.removeFirst(first)
            first = 0
        }
        return position
    }

    private func index(of offset: Int64) -> Int? {
        var low = first
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].offset < offset { low = middle + 1 } else { high = middle }
        }
        return low < entries.count && entries[low].offset == offset ? low : nil
    }
}
