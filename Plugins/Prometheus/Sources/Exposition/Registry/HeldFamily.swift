import WeirPrometheus

/// What is held of one family. Guarded by the registry's lock.
final class HeldFamily {
    /// A point's labels; a classic and a native histogram may share them.
    struct Key: Hashable {
        var labels: Labels
        var isNative: Bool
    }

    /// Where a point stands, for those that find it without looking at labels.
    final class Place {
        let family: HeldFamily
        fileprivate let key: Key
        /// `nil` once the point has been removed: whoever comes with it has to add it anew.
        fileprivate(set) var index: Int?

        fileprivate init(_ family: HeldFamily, _ key: Key, _ index: Int) {
            self.family = family
            self.key = key
            self.index = index
        }
    }

    let head: MetricFamily
    /// Copied by readers, who then read at leisure: the next change makes a copy of its own.
    var points: [ExpositionPoint] = []
    /// When each point was last given, on the host's monotonic clock.
    private var updated: [UInt64] = []
    private var places: [Place] = []
    /// Not for families so small that looking at each place is as fast; most are.
    private var byKey: [Key: Place] = [:]

    private static let small = 8

    init(_ head: MetricFamily) { self.head = head }

    func place(of key: Key) -> Place? {
        byKey.isEmpty ? places.first { $0.key == key } : byKey[key]
    }

    func add(_ point: ExpositionPoint, _ key: Key, at moment: UInt64) -> Place {
        let place = Place(self, key, points.count)
        points.append(point)
        updated.append(moment)
        places.append(place)
        if !byKey.isEmpty {
            byKey[key] = place
        } else if places.count > Self.small {
            for place in places { byKey[place.key] = place }
        }
        return place
    }

    func touch(_ index: Int, at moment: UInt64) { updated[index] = moment }

    func remove(_ index: Int) {
        byKey[places[index].key] = nil
        places[index].index = nil
        let last = points.count - 1
        if index != last {
            points.swapAt(index, last)
            updated.swapAt(index, last)
            places.swapAt(index, last)
            places[index].index = index
        }
        points.removeLast()
        updated.removeLast()
        places.removeLast()
    }

    /// Removes what was last given before `moment`; the number of points removed.
    func expire(before moment: UInt64) -> Int {
        let before = points.count
        var index = points.count - 1
        while index >= 0 {
            if updated[index] < moment { remove(index) }
            index -= 1
        }
        return before - points.count
    }
}
