/// Which records lie where, and which of them are done with. A value; ids and segments ascend.
struct Catalogue {
    struct Entry: Equatable {
        var id: UInt64
        /// Of the record's header in its segment.
        var offset: UInt64
        var unixNano: UInt64
        var length: UInt32
        var items: UInt32
        var signal: UInt8
        var isDone = false

        init(_ record: QueueRecord, offset: UInt64) {
            id = record.id
            self.offset = offset
            unixNano = record.unixNano
            length = UInt32(record.byteCount)
            items = UInt32(record.items)
            signal = record.signal
        }

        init(_ header: RecordHeader, offset: UInt64) {
            id = header.id
            self.offset = offset
            unixNano = header.unixNano
            length = header.length
            items = header.items
            signal = header.signal
        }

        var record: QueueRecord {
            QueueRecord(
                id: id, signal: signal, items: Int(items), byteCount: Int(length),
                unixNano: unixNano)
        }

        var end: UInt64 { offset + UInt64(RecordHeader.size) + UInt64(length) }
    }

    struct Segment {
        let number: UInt64
        /// Its length, all of which is accounted for: records, or bytes that are none.
        var end: UInt64
        var entries: [Entry] = []
        /// Entries that are not done.
        var live = 0
        /// The greatest id in it, whether or not its entry is still known.
        var lastID: UInt64 = 0
        /// Nothing is added to it any more.
        var isSealed: Bool

        init(number: UInt64, end: UInt64, isSealed: Bool) {
            self.number = number
            self.end = end
            self.isSealed = isSealed
        }

        mutating func add(_ entry: Entry) {
            entries.append(entry)
            lastID = max(lastID, entry.id)
            if !entry.isDone { live += 1 }
        }
    }

    private(set) var segments: [Segment] = []
    /// What is not done.
    private(set) var liveRecords = 0
    private(set) var liveBytes = 0
    /// What the segments take on the disk.
    private(set) var diskBytes: UInt64 = 0

    mutating func add(_ segment: Segment) {
        segments.append(segment)
        diskBytes += segment.end
        liveRecords += segment.live
        for entry in segment.entries where !entry.isDone { liveBytes += Int(entry.length) }
    }

    /// Adds what was written to the newest segment.
    mutating func append(_ entries: [Entry], end: UInt64) {
        let last = segments.count - 1
        diskBytes += end - segments[last].end
        segments[last].end = end
        for entry in entries {
            segments[last].add(entry)
            guard !entry.isDone else { continue }
            liveRecords += 1
            liveBytes += Int(entry.length)
        }
    }

    mutating func seal(_ number: UInt64) {
        guard let index = segments.lastIndex(where: { $0.number == number }) else { return }
        segments[index].isSealed = true
    }

    func entry(_ id: UInt64) -> (segment: UInt64, entry: Entry)? {
        guard let (segment, entry) = place(id) else { return nil }
        return (segments[segment].number, segments[segment].entries[entry])
    }

    /// Notes that a record is done with. Returns its segment, or `nil` if it was before, or never was.
    mutating func finish(_ id: UInt64) -> UInt64? {
        guard let (segment, entry) = place(id), !segments[segment].entries[entry].isDone else {
            return nil
        }
        segments[segment].entries[entry].isDone = true
        segments[segment].live -= 1
        liveRecords -= 1
        liveBytes -= Int(segments[segment].entries[entry].length)
        return segments[segment].number
    }

    /// Takes out the segments in which nothing is left to do.
    mutating func takeEmpty() -> [UInt64] {
        guard segments.contains(where: { $0.isSealed && $0.live == 0 }) else { return [] }
        var numbers: [UInt64] = []
        segments.removeAll { segment in
            guard segment.isSealed, segment.live == 0 else { return false }
            numbers.append(segment.number)
            diskBytes -= segment.end
            return true
        }
        return numbers
    }

    /// What is not done, oldest first.
    var pending: [QueueRecord] {
        segments.flatMap { $0.entries.lazy.filter { !$0.isDone }.map(\.record) }
    }

    private func place(_ id: UInt64) -> (segment: Int, entry: Int)? {
        // The last segment that begins at or before the id; those without entries begin nowhere.
        guard
            let segment = segments.indices.last(where: { index in
                segments[index].entries.first.map { $0.id <= id } ?? false
            })
        else { return nil }
        var (low, high) = (0, segments[segment].entries.count)
        while low < high {
            let middle = (low + high) / 2
            if segments[segment].entries[middle].id < id { low = middle + 1 } else { high = middle }
        }
        guard low < segments[segment].entries.count, segments[segment].entries[low].id == id else {
            return nil
        }
        return (segment, low)
    }
}

extension Catalogue {
    /// The greatest id, of those that are done as well.
    var lastID: UInt64 { segments.reduce(0) { max($0, $1.lastID) } }
}
