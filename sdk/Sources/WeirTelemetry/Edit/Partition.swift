/// What a request is taken apart into.
public enum PartitionUnit: Sendable, Hashable {
    /// Everything of one resource: an entry of `resource_spans` or its siblings.
    case resourceGroup
    /// A span, metric or log record.
    case record
    /// A data point of a metric; with other signals the same as `record`.
    case dataPoint
}

/// Where a unit stands in its request: the contents of the messages around it, without tags.
public struct UnitPlace: Sendable, Hashable {
    /// The entry of `resource_spans` or its siblings: read it as a ``ResourceGroupView``.
    public internal(set) var group = 0..<0
    /// The entry of `scope_spans` or its siblings; empty where the unit is a group.
    public internal(set) var scope = 0..<0
    /// The metric around a data point; empty for other units.
    public internal(set) var metric = 0..<0
    /// The unit itself. With ``PartitionUnit/dataPoint`` it is the metric if that has no points.
    public internal(set) var unit = 0..<0
}

/// Takes a request apart: each unit goes to the target that `target` names, and stands there in the
/// same resource, scope and metric as before.
///
/// One pass. Nothing is decoded that `target` does not ask for, and nothing is copied: a piece says
/// what is to be copied from where, and how much that is. Units keep their bytes and their order;
/// unknown fields stay. Groups without a unit are in no piece.
///
/// - Parameters:
///   - bytes: a request that `scan` has accepted.
///   - target: called once for each unit, in order; from 0, `nil` leaves it out.
/// - Returns: the pieces, one for each target that was named, in the order in which they were.
public func partition(
    _ bytes: RawSpan, as signal: Signal, by unit: PartitionUnit,
    target: (UnitPlace) -> Int?
) throws(WireError) -> [PartitionPiece] {
    var walk = PartitionWalk(signal: signal, unit: unit)
    guard walk.run(bytes, 0..<bytes.byteCount, .request, UnitPlace(), target) else {
        throw malformed(bytes, signal)
    }
    walk.finish()
    return walk.pieces
}

private struct PartitionWalk {
    /// The messages on the way to a unit.
    enum Level {
        case request, group, scope, metric, data

        func isChild(_ number: Int) -> Bool {
            switch self {
            case .request, .data: number == 1
            case .group, .scope: number == 2
            case .metric: number == 5 || number == 7 || (9...11).contains(number)
            }
        }

        var next: Level {
            switch self {
            case .request: .group
            case .group: .scope
            case .scope: .metric
            case .metric, .data: .data
            }
        }
    }

    /// A message that the walk is in.
    struct Open {
        /// Its tag, without the length.
        var tag: Range<Int>
        /// Its fields that are not on the way to units, so far.
        var others: [Range<Int>] = []
        /// The pieces that it has been begun in.
        var pieces: [Int] = []
    }

    let signal: Signal
    let unit: PartitionUnit
    var pieces: [PartitionPiece] = []
    private var indices: [Int: Int] = [:]
    private var open: [Open] = []
    private var requestFields: [Range<Int>] = []
    private var units = 0

    init(signal: Signal, unit: PartitionUnit) {
        self.signal = signal
        self.unit = unit
    }

    /// Fields of the request itself that nobody knows are in every piece.
    mutating func finish() {
        for index in pieces.indices {
            for range in requestFields { pieces[index].copy(range) }
        }
    }

    /// Walks one message; `false` where it is malformed.
    mutating func run(
        _ bytes: RawSpan, _ range: Range<Int>, _ level: Level, _ place: UnitPlace,
        _ target: (UnitPlace) -> Int?
    ) -> Bool {
        var reader = WireReader(bytes, at: range.lowerBound, end: range.upperBound)
        while let tag = reader.nextTag() {
            let start = reader.fieldStart
            guard tag.wireType == .bytes, level.isChild(tag.number) else {
                guard reader.skip(tag) else { return false }
                note(start..<reader.position)
                continue
            }
            let lengthAt = reader.position
            guard let content = reader.readRange() else { return false }
            var inner = place
            switch level {
            case .request: inner.group = content
            case .group: inner.scope = content
            case .scope where !isUnit(level): inner.metric = content
            default: break
            }
            if isUnit(level) {
                inner.unit = content
                add(bytes, start..<content.upperBound, inner, level, target)
                continue
            }
            let before = units
            open.append(Open(tag: start..<lengthAt))
            guard run(bytes, content, level.next, inner, target) else { return false }
            close()
            if level == .scope, units == before {
                // A metric without points, or of a kind that nobody knows yet.
                inner.unit = content
                add(bytes, start..<content.upperBound, inner, level, target)
            }
        }
        return reader.isAtEnd
    }

    /// Whether the children of this level are what goes to targets.
    private func isUnit(_ level: Level) -> Bool {
        switch unit {
        case .resourceGroup: level == .request
        case .record: level == .scope
        case .dataPoint: level == (signal == .metrics ? .data : .scope)
        }
    }

    private mutating func note(_ range: Range<Int>) {
        if open.isEmpty {
            requestFields.append(range)
        } else {
            open[open.count - 1].others.append(range)
        }
    }

    private mutating func add(
        _ bytes: RawSpan, _ field: Range<Int>, _ place: UnitPlace, _ level: Level,
        _ target: (UnitPlace) -> Int?
    ) {
        units += 1
        guard let number = target(place) else { return }
        let index = index(of: number)
        while pieces[index].depth < open.count {
            let depth = pieces[index].depth
            pieces[index].begin(open[depth].tag, open[depth].others)
            open[depth].pieces.append(index)
        }
        pieces[index].copy(field)
        pieces[index].items += items(bytes, place.unit, level)
    }

    private mutating func index(of target: Int) -> Int {
        if let index = indices[target] { return index }
        indices[target] = pieces.count
        pieces.append(PartitionPiece(target: target))
        return pieces.count - 1
    }

    private mutating func close() {
        let closed = open.removeLast()
        for index in closed.pieces { pieces[index].end(closed.others) }
    }

    /// The spans, data points or log records in a child of this level.
    private func items(_ bytes: RawSpan, _ range: Range<Int>, _ level: Level) -> Int {
        if level == .data || (level == .scope && signal != .metrics) { return 1 }
        var count = 0
        let inside = level.next
        var reader = WireReader(bytes, at: range.lowerBound, end: range.upperBound)
        while let tag = reader.nextTag() {
            guard tag.wireType == .bytes, inside.isChild(tag.number) else {
                guard reader.skip(tag) else { break }
                continue
            }
            guard let content = reader.readRange() else { break }
            count += items(bytes, content, inside)
        }
        return count
    }
}
