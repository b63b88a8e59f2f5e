import Glibc
import Synchronization

/// The thread of a queue: writes what waits, syncs once, tells those who wait, and keeps the index.
final class QueueWriter: @unchecked Sendable {  // used by its own thread alone once that has begun
    private let options: DurableQueue.Options
    private let shared: QueueShared
    private let report: @Sendable (StorageEvent) -> Void
    private var index: IndexKeeper
    private var segment: SegmentWriter?
    private var nextSegment: UInt64
    private var isFailing = false

    init(
        _ options: DurableQueue.Options, shared: QueueShared, index: QueueIndex?,
        quarantine: Quarantine, nextSegment: UInt64,
        report: @escaping @Sendable (StorageEvent) -> Void
    ) {
        self.options = options
        self.shared = shared
        self.nextSegment = nextSegment
        self.report = report
        self.index = IndexKeeper(options, index, quarantine)
    }

    func run() {
        shared.begin()
        // What the opening found, before anything else can happen to the process.
        index.update(shared)
        while true {
            let work = shared.wait()
            for append in work.cancelled { append.end() }
            write(work.appends)
            sealIfDone()
            index.update(shared)
            work.end()
            guard work.isClosing else { continue }
            if let segment { shared.state.withLock { $0.catalogue.seal(segment.number) } }
            index.update(shared, isLast: true)
            index.close()
            return shared.end()
        }
    }

    private func write(_ appends: [QueueAppend]) {
        var rest = appends[...]
        while !rest.isEmpty {
            do throws(StorageError) {
                let segment = try currentSegment()
                let run = rest.prefix(fitting(segment, rest))
                try write(run, to: segment)
                if isFailing { report(.recovered) }
                isFailing = false
                for append in run { append.end() }
                rest = rest.dropFirst(run.count)
            } catch {
                retire()
                if !isFailing { report(.failing(error)) }
                isFailing = true
                // The others would fail just so, one disk turn each. Whoever is told looks at a queue
                // that has nothing of them.
                shared.failed(rest.count)
                for append in rest { append.end(error) }
                rest = []
            }
        }
        if !appends.isEmpty { shared.finished() }
    }

    private func write(_ run: ArraySlice<QueueAppend>, to segment: SegmentWriter)
        throws(StorageError)
    {
        let start = segment.offset
        let places = try segment.write(run)
        if options.syncs {
            shared.state.withLock { $0.statistics.syncs += 1 }
            try segment.sync(from: start)
        }
        shared.written(at: places, end: segment.offset)
    }

    /// How many of them go into this segment: at least one.
    private func fitting(_ segment: SegmentWriter, _ appends: ArraySlice<QueueAppend>) -> Int {
        var end = segment.offset
        var count = 0
        for append in appends {
            end += UInt64(RecordHeader.size + append.record.byteCount)
            if count > 0, end > options.segmentBytes { break }
            count += 1
        }
        return count
    }

    private func currentSegment() throws(StorageError) -> SegmentWriter {
        if let segment, segment.offset < options.segmentBytes { return segment }
        retire()
        let made = try SegmentWriter(
            options.directory, number: nextSegment, unixNano: options.unixNano(),
            calls: options.calls)
        nextSegment += 1
        let new = Catalogue.Segment(number: made.number, end: made.offset, isSealed: false)
        shared.state.withLock { $0.catalogue.add(new) }
        segment = made
        if options.syncs {
            shared.state.withLock { $0.statistics.syncs += 1 }
            try Directory.sync(options.directory)
        }
        return made
    }

    /// Nothing is added to the current segment any more.
    private func retire() {
        guard let old = segment else { return }
        segment = nil
        shared.state.withLock { $0.catalogue.seal(old.number) }
    }

    /// A segment in which all is done need not grow to its full length before it goes.
    private func sealIfDone() {
        guard let segment, segment.offset > options.segmentBytes / 4 else { return }
        let isDone = shared.state.withLock { state in
            state.catalogue.segments.last.map { $0.live == 0 } ?? false
        }
        if isDone { retire() }
    }
}
