import Glibc

/// Finds out what is in the folder of a queue, and sets aside what is not what it was.
struct QueueOpening {
    private let options: DurableQueue.Options
    private let report: @Sendable (StorageEvent) -> Void
    let quarantine: Quarantine
    private(set) var catalogue = Catalogue()
    private(set) var index: QueueIndex?
    private(set) var nextSegment: UInt64 = 1
    private(set) var damagedRecords = 0

    init(
        _ options: DurableQueue.Options, report: @escaping @Sendable (StorageEvent) -> Void
    ) throws(StorageError) {
        self.options = options
        self.report = report
        quarantine = Quarantine(options.directory)
        let numbers = try Directory.names(in: options.directory).compactMap(SegmentName.number)
            .sorted()
        let (known, doubt) = try openIndex()
        for number in numbers { try open(number, known[number]) }
        let present = Set(numbers)
        for (number, (_, rows)) in known.sorted(by: { $0.key < $1.key })
        where !present.contains(number) && !rows.isEmpty {
            lost(SegmentName.path(options.directory, number), rows[...])
        }
        nextSegment = max(numbers.last ?? 0, known.keys.max() ?? 0) + 1
        if let doubt, !numbers.isEmpty {
            report(.indexRebuilt(reason: doubt, records: catalogue.liveRecords))
        }
    }

    // MARK: - Index

    private typealias Known = [UInt64: (segment: IndexSegment, rows: [IndexRow])]

    /// What the index knows, and why it knows nothing.
    private mutating func openIndex() throws(StorageError) -> (Known, String?) {
        if options.rebuildsIndex { return ([:], "that was asked for") }
        let wasThere = unsafe access("\(options.directory)/index.sqlite", F_OK) == 0
        do throws(SQLiteFailure) {
            let index = try QueueIndex(options.directory, syncs: options.syncs)
            switch try index.load() {
            case .success(let segments):
                self.index = index
                var known: Known = [:]
                for (segment, rows) in segments { known[segment.number] = (segment, rows) }
                return (known, nil)
            case .failure(let doubt) where !wasThere:
                self.index = index
                return ([:], doubt.reason)
            case .failure(let doubt):
                setAsideIndex()
                return ([:], doubt.reason)
            }
        } catch {
            if error.isDamage { setAsideIndex() }
            return ([:], error.message)
        }
    }

    private func setAsideIndex() {
        let paths = QueueIndex.files.map { "\(options.directory)/\($0)" }
        _ = quarantine.move(paths, as: "\(options.unixNano())")
    }

    // MARK: - Segments

    private mutating func open(
        _ number: UInt64, _ known: (segment: IndexSegment, rows: [IndexRow])?
    )
        throws(StorageError)
    {
        let path = SegmentName.path(options.directory, number)
        let file: OpenFile
        var size: UInt64
        do throws(StorageError) {
            file = try OpenFile(path, O_RDWR)
            size = try file.size
        } catch {
            // A folder that is not ours to read is an error of whoever set it up. A disk that fails
            // is not, and the other segments are to be delivered.
            guard error.code == .io else { throw error }
            return lost(path, known?.rows[...] ?? [])
        }
        var segment = Catalogue.Segment(number: number, end: size, isSealed: true)
        segment.lastID = known?.segment.lastID ?? 0
        let rows = known?.rows ?? []
        for row in rows where row.entry.end <= size { segment.add(row.entry) }
        lost(path, rows[segment.entries.count...])

        let start = min(known?.segment.end ?? 0, size)
        if start < size {
            let header = SegmentHeader((try? file.read(SegmentHeader.size, at: 0)) ?? [])
            var scan = SegmentScan(
                file, size: size, salt: header?.salt, lastID: segment.lastID)
            scan.run(from: max(start, UInt64(SegmentHeader.size)))
            if size < UInt64(SegmentHeader.size) {
                report(.torn(file: path, bytes: size))
            } else if header == nil, start == 0 {
                setAside(file, 0, UInt64(SegmentHeader.size), "no segment begins here")
            }
            for finding in scan.findings {
                switch finding {
                case .record(let header, let offset):
                    segment.add(Catalogue.Entry(header, offset: offset))
                case .damaged(let offset, let bytes, let reason):
                    // Found before; only the index that knew so is gone.
                    if quarantine.holds(file, offset..<offset + bytes) { continue }
                    damagedRecords += 1
                    setAside(file, offset, bytes, reason)
                case .torn(let offset, let bytes):
                    report(.torn(file: path, bytes: bytes))
                    if ftruncate(file.descriptor, off_t(offset)) == 0 { size = offset }
                }
            }
        }
        segment.end = size
        catalogue.add(segment)
    }

    private func setAside(_ file: OpenFile, _ offset: UInt64, _ bytes: UInt64, _ reason: String) {
        let kept = quarantine.keep(file, offset: offset, bytes: bytes)
        report(
            .damaged(
                file: file.path, offset: offset, bytes: bytes, reason: reason, savedAs: kept))
    }

    private mutating func lost(_ path: String, _ rows: ArraySlice<IndexRow>) {
        guard !rows.isEmpty else { return }
        damagedRecords += rows.count
        report(
            .lost(
                file: path, records: rows.count,
                items: rows.reduce(0) { $0 + Int($1.entry.items) }))
    }
}
