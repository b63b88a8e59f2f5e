extension SeriesCache {
    /// Forgets what is no longer there, once that is more than what is.
    mutating func compactIfWorthwhile(live: Int) {
        let metadata = lines.count - series.count
        guard
            series.count > live * 2 + 1000 || points.count > live * 2 + 1000
                || metadata > exposed.all.count * 6 + 1000
                || exposed.all.count > families.count * 2 + 1000
                || families.count > live * 2 + 1000
        else { return }
        compact()
    }

    /// The same knowledge without the gaps.
    mutating func compact() {
        var compaction = Compaction(self)
        compaction.keepLines()
        compaction.keepFamilies()
        compaction.keepPoints()
        self = compaction.new
    }
}

/// Copies what is worth keeping of a cache: series that have a point or were dropped in the last
/// scrape, and what these refer to.
private struct Compaction {
    let old: SeriesCache
    var new: SeriesCache
    private var newSeries: [UInt32]
    private var newExposed: [UInt32]
    private var newFamilies: [UInt32]

    init(_ old: SeriesCache) {
        self.old = old
        new = SeriesCache(options: old.options)
        new.hasher = old.hasher
        new.scrape = old.scrape
        new.now = old.now
        new.result = old.result
        new.boundCount = old.boundCount
        new.createdCount = old.createdCount
        new.live = old.live
        new.beginnings = old.beginnings
        new.beginningsSeen = old.beginningsSeen
        newSeries = [UInt32](repeating: none, count: old.series.count)
        newExposed = [UInt32](repeating: none, count: old.exposed.all.count)
        newFamilies = [UInt32](repeating: none, count: old.families.count)
    }

    mutating func keepLines() {
        for line in old.lines where line.kind == .textSeries || line.kind == .protobufSeries {
            var series = old.series[Int(line.target)]
            guard series.isBound || series.role == .dropped && series.seen == old.scrape else {
                continue
            }
            newSeries[Int(line.target)] = UInt32(new.series.count)
            series.line = UInt32(new.lines.count)
            new.series.append(series)
            keep(line, target: UInt32(new.series.count - 1))
        }
        new.aloneCreated = old.aloneCreated.map { newSeries[Int($0)] }.filter { $0 != none }
        // Which families are referred to is known only now.
        var used = [Bool](repeating: false, count: old.exposed.all.count)
        for family in old.families where !family.points.isEmpty && family.exposed != none {
            used[Int(family.exposed)] = true
        }
        for (index, line) in old.lines.enumerated()
        where line.kind != .textSeries && line.kind != .protobufSeries {
            let isUsed = line.seen == old.scrape || used[Int(line.target)]
            guard isUsed, old.exposed.line(line.kind, of: line.target) == UInt32(index) else {
                continue
            }
            let target = keptExposed(line.target)
            new.exposed.setLine(keep(line, target: target), line.kind, of: target)
        }
        for index in used.indices where used[index] { _ = keptExposed(UInt32(index)) }
        new.exposed.haveChanged = old.exposed.haveChanged
    }

    @discardableResult
    private mutating func keep(_ line: Line, target: UInt32) -> UInt32 {
        let index = UInt32(new.lines.count)
        var line = line
        let key = line.key
        line.keyStart = UInt32(new.keys.count)
        line.next = none
        line.target = target
        new.keys.append(contentsOf: old.keys[key])
        new.lines.append(line)
        let lines = new.lines
        new.lineTable.insert(index, line.hash) { lines[Int($0)].hash }
        return index
    }

    private mutating func keptExposed(_ index: UInt32) -> UInt32 {
        if newExposed[Int(index)] == none {
            newExposed[Int(index)] = new.exposed.add(old.exposed[index])
        }
        return newExposed[Int(index)]
    }

    mutating func keepFamilies() {
        for (index, family) in old.families.enumerated() {
            let twinHasPoints = family.twin != none && hasPoints(old.families[Int(family.twin)])
            // A base stands before its twin, so that its new place is known.
            guard hasPoints(family) || twinHasPoints else { continue }
            let group = old.groups[Int(family.key.group)]
            var key = family.key
            key.group = new.group(of: group.key)
            let exposed = family.exposed == none ? none : keptExposed(family.exposed)
            let base = newFamilies[Int(family.base)]
            if base == none {
                newFamilies[index] = new.family(key, exposed)
            } else {
                newFamilies[index] = new.twin(of: base)
            }
        }
    }

    private func hasPoints(_ family: OutputFamily) -> Bool {
        family.points.contains { !old.points[Int($0)].isDead }
    }

    mutating func keepPoints() {
        for (index, family) in old.families.enumerated() where newFamilies[index] != none {
            for point in family.points where !old.points[Int(point)].isDead {
                keep(old.points[Int(point)], in: newFamilies[index])
            }
        }
    }

    private mutating func keep(_ point: Point, in family: UInt32) {
        var kept = point
        kept.attributesStart = UInt32(new.attributes.count)
        new.attributes.append(contentsOf: old.attributes[point.attributes])
        kept.family = family
        let index = UInt32(new.points.count)
        if new.families[Int(family)].key.kind.isComposed {
            kept.source = UInt32(new.compositions.count)
            var composition = old.compositions[Int(point.source)]
            composition.map(newSeries, point: index)
            for series in composition.all { new.series[Int(series)].point = index }
            new.compositions.append(composition)
        } else {
            kept.source = newSeries[Int(point.source)]
            new.series[Int(kept.source)].point = index
        }
        if point.created != none {
            kept.created = newSeries[Int(point.created)]
            new.series[Int(kept.created)].point = index
        }
        // The number of the family is part of the hash.
        kept.hash = new.hasher.hash(
            new.attributes.raw.part(kept.attributes), with: new.families[Int(family)].base)
        new.points.append(kept)
        new.families[Int(family)].points.append(index)
        let points = new.points
        new.pointTable.insert(index, kept.hash) { points[Int($0)].hash }
    }
}

extension Composition {
    fileprivate mutating func map(_ newSeries: [UInt32], point: UInt32) {
        self.point = point
        parts = parts.map { newSeries[Int($0)] }
        if sum != none { sum = newSeries[Int(sum)] }
        if count != none { count = newSeries[Int(count)] }
    }
}
