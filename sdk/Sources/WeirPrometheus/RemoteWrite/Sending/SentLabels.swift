import WeirTelemetry

/// The label sets of series that are sent: each once, numbered from 0, as requests of one message
/// need it, so that no text is made again for a series that is known.
///
/// For 1.0 that is the beginning of a `TimeSeries` with one sample, for 2.0 the numbers of the
/// texts in ``symbols``. All stand one after the other in large pieces of memory. Not thread-safe.
public struct SentLabels: Sendable {
    @usableFromInline
    struct Entry: Sendable {
        var place: ByteArena.Place
        @usableFromInline var hash: UInt32
    }

    public let message: RemoteWriteMessage
    /// The texts of labels in 2.0, and of whatever else requests refer to.
    public var symbols = SymbolTable()
    @usableFromInline private(set) var entries: ContiguousArray<Entry> = []
    private var isFree: [UInt32] = []
    private var index = IndexTable()
    private var arena = ByteArena()
    private let hasher = KeyHasher()
    /// Where labels are put together; kept for its memory.
    private var key: [UInt8] = []

    public init(_ message: RemoteWriteMessage) { self.message = message }

    /// How many label sets there are.
    public var count: Int { index.count }

    /// A number for labels; the one that they have, if they are known.
    public mutating func insert(_ labels: Labels) -> (number: UInt32, isNew: Bool) {
        key.removeAll(keepingCapacity: true)
        switch message {
        case .v1: key.appendTemplate(labels)
        case .v2: for label in labels.all { appendReferences(label) }
        }
        let hash = hasher.hash(key.raw)
        if let number = find(hash) {
            if message == .v2 { releaseReferences() }
            return (number, false)
        }
        let bytes = key
        let entry = Entry(place: arena.add(bytes.raw), hash: hash)
        let number = isFree.popLast() ?? UInt32(entries.count)
        if Int(number) == entries.count {
            entries.append(entry)
        } else {
            entries[Int(number)] = entry
        }
        let entries = entries
        index.insert(number, hash) { entries[Int($0)].hash }
        return (number, true)
    }

    /// Forgets labels; their number is given to others.
    public mutating func remove(_ number: UInt32) {
        let entry = entries[Int(number)]
        if message == .v2 {
            let arena = arena
            key.removeAll(keepingCapacity: true)
            arena.withBytes(of: entry.place) { key.append(contentsOf: $0) }
            releaseReferences()
        }
        let entries = entries
        index.remove(number, entry.hash) { entries[Int($0)].hash }
        arena.remove(entry.place)
        isFree.append(number)
        if arena.isSparse { compact() }
    }

    /// A hash of the labels that stays as long as they are known.
    @inlinable
    public func hash(of number: UInt32) -> UInt32 { entries[Int(number)].hash }

    @inline(__always)
    func withBytes<Result>(
        of number: UInt32, more: Int = 0, _ body: (RawSpan) -> Result
    ) -> Result {
        arena.withBytes(of: entries[Int(number)].place, more: more, body)
    }

    /// Of 2.0: the numbers of names and values.
    func forEachReference(of number: UInt32, _ body: (UInt32) -> Void) {
        withBytes(of: number) { bytes in
            for offset in stride(from: 0, to: bytes.byteCount, by: 4) {
                body(bytes.reference(at: offset))
            }
        }
    }

    private func find(_ hash: UInt32) -> UInt32? {
        index.find(hash) { number in
            let entry = entries[Int(number)]
            return entry.hash == hash && entry.place.count == key.count
                && withBytes(of: number) { $0.hasSameBytes(as: key.raw) }
        }
    }

    private mutating func compact() {
        var isLive = [Bool](repeating: true, count: entries.count)
        for number in isFree { isLive[Int(number)] = false }
        for number in entries.indices
        where isLive[number] && arena.isSparse(entries[number].place) {
            entries[number].place = arena.move(entries[number].place)
        }
    }

    private mutating func appendReferences(_ label: Label) {
        for text in [label.name, label.value] {
            let reference = symbols.retain(text)
            for shift in stride(from: UInt32(0), to: 32, by: 8) {
                key.append(UInt8(truncatingIfNeeded: reference >> shift))
            }
        }
    }

    /// Those in `key`.
    private mutating func releaseReferences() {
        for offset in stride(from: 0, to: key.count, by: 4) {
            symbols.release(key.raw.reference(at: offset))
        }
    }
}

extension RawSpan {
    fileprivate func reference(at offset: Int) -> UInt32 {
        UInt32(
            littleEndian: unsafe unsafeLoadUnaligned(
                fromUncheckedByteOffset: offset, as: UInt32.self))
    }
}
