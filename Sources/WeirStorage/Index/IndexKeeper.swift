import Glibc
import Synchronization

/// Keeps the index in step with the catalogue, and does without it where it cannot be written.
struct IndexKeeper {
    private let options: DurableQueue.Options
    private let quarantine: Quarantine
    private var index: QueueIndex?
    /// How many entries of each segment the index was told of.
    private var known: [UInt64: Int] = [:]
    /// What is on the disk is not what the catalogue was a turn ago: it is to be written as a whole.
    private var isStale = true
    private var turnsToWait = 0

    init(_ options: DurableQueue.Options, _ index: QueueIndex?, _ quarantine: Quarantine) {
        self.options = options
        self.index = index
        self.quarantine = quarantine
    }

    /// Brings the index up to date, and deletes the segments in which nothing is left to do.
    ///
    /// - Parameter isLast: an index that could not be written gets its last chance.
    mutating func update(_ shared: QueueShared, isLast: Bool = false) {
        if isLast { turnsToWait = 0 }
        if isStale, turnsToWait > 0 { turnsToWait -= 1 }
        let (gone, change) = shared.state.withLock { state -> ([UInt64], IndexChange?) in
            let gone = state.catalogue.takeEmpty()
            defer { state.removed.removeAll(keepingCapacity: true) }
            if !isStale { return (gone, news(state, gone)) }
            return (gone, turnsToWait == 0 ? everything(state.catalogue) : nil)
        }
        if let change, isStale || !change.isEmpty { write(change, thenUnlinks: !gone.isEmpty) }
        for number in gone {
            unsafe unlink(SegmentName.path(options.directory, number))
            known[number] = nil
        }
        // A disk that was full has room now.
        if isStale, !gone.isEmpty {
            let all = shared.state.withLock { everything($0.catalogue) }
            write(all, thenUnlinks: false)
        }
    }

    /// The last connection that closes a database moves its log into it.
    mutating func close() { index = nil }

    private mutating func news(_ state: borrowing QueueShared.State, _ gone: [UInt64])
        -> IndexChange
    {
        var change = IndexChange(gone: gone)
        var touched = Set<UInt64>()
        for (id, segment) in state.removed {
            change.removed.append(id)
            touched.insert(segment)
        }
        for segment in state.catalogue.segments {
            let told = known[segment.number] ?? 0
            if told < segment.entries.count {
                for entry in segment.entries[told...] where !entry.isDone {
                    change.added.append(IndexRow(segment: segment.number, entry: entry))
                }
                known[segment.number] = segment.entries.count
                touched.insert(segment.number)
            }
            if touched.contains(segment.number) { change.segments.append(IndexSegment(segment)) }
        }
        return change
    }

    private mutating func everything(_ catalogue: Catalogue) -> IndexChange {
        var change = IndexChange()
        for segment in catalogue.segments {
            for entry in segment.entries where !entry.isDone {
                change.added.append(IndexRow(segment: segment.number, entry: entry))
            }
            change.segments.append(IndexSegment(segment))
            known[segment.number] = segment.entries.count
        }
        return change
    }

    private mutating func write(_ change: IndexChange, thenUnlinks: Bool) {
        do throws(SQLiteFailure) {
            if index == nil { index = try QueueIndex(options.directory, syncs: options.syncs) }
            if isStale { try index?.replace(with: change) } else { try index?.apply(change) }
            isStale = false
            // The index must not speak of segments that are gone, whatever happens to the machine.
            if thenUnlinks, options.syncs { try index?.checkpoint() }
        } catch {
            isStale = true
            turnsToWait = 16
            guard error.isDamage else { return }
            index = nil
            _ = quarantine.move(
                QueueIndex.files.map { "\(options.directory)/\($0)" },
                as: "\(options.unixNano())")
            turnsToWait = 1
        }
    }
}

extension IndexSegment {
    init(_ segment: Catalogue.Segment) {
        self.init(
            number: segment.number, end: segment.end, live: segment.live, lastID: segment.lastID)
    }
}
