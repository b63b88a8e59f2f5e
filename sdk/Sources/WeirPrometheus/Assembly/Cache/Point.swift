/// A point of the output: what stays the same from scrape to scrape, and how it began.
struct Point {
    /// Nanoseconds since 1970 of the unbroken sequence that it belongs to; 0 for gauges.
    var start: UInt64 = 0
    /// Of the point before.
    var lastTime: UInt64 = 0
    /// The value or the count of the point before.
    var lastValue = 0.0
    /// Its attributes as fields of its message, in the cache's attributes.
    var attributesStart: UInt32
    var attributesCount: UInt32
    var hash: UInt32
    var family: UInt32
    /// Its ``Series``; the index of a ``Composition`` if the family's points are made of several.
    var source = none
    /// The series that says when it began.
    var created = none

    var attributes: Range<Int> {
        let start = Int(attributesStart)
        return start..<start &+ Int(attributesCount)
    }

    var isDead: Bool { source == none }
}

/// The series that make up a classic histogram or a summary.
struct Composition {
    var point: UInt32
    /// Upper bounds or quantiles, ascending.
    var bounds: [Double] = []
    /// The series of each bound.
    var parts: [UInt32] = []
    var sum = none
    var count = none
    /// Whether the last scrape passed it on as one point.
    var wasWhole = false

    var isEmpty: Bool { parts.isEmpty && sum == none && count == none }

    /// All of its series.
    var all: [UInt32] { parts + [sum, count].filter { $0 != none } }

    /// Where a bound stands, or would.
    func place(of bound: Double) -> (index: Int, isThere: Bool) {
        // Buckets come in order, so that the end is the likely place.
        guard let last = bounds.last, last >= bound else { return (bounds.count, false) }
        var low = 0
        var high = bounds.count
        while low < high {
            let middle = (low + high) / 2
            if bounds[middle] < bound { low = middle + 1 } else { high = middle }
        }
        return (low, bounds[low] == bound)
    }
}
