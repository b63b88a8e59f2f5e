import WeirTelemetry

// The sizes of all messages of the request, from the inside out. Protobuf wants each before its
// content; knowing them allows the request to be written once, into memory of just its size.
extension SeriesCache {
    /// Sets the sizes; gives the number of points.
    mutating func layOut() -> Int {
        var items = 0
        for index in families.indices { items += layOutFamily(index) }
        for index in groups.indices {
            var size = framed(scopeHead.count)
            for family in groups[index].families where families[Int(family)].metricSize > 0 {
                size += framed(families[Int(family)].metricSize)
            }
            let isEmpty = size == framed(scopeHead.count)
            groups[index].scopeSize = isEmpty ? 0 : size
            groups[index].size = isEmpty ? 0 : framed(groups[index].resource.count) + framed(size)
        }
        return items
    }

    private mutating func layOutFamily(_ index: Int) -> Int {
        let count = families[index].regularCount + families[index].loose.count
        guard count > 0 else {
            families[index].metricSize = 0
            return 0
        }
        var size = families[index].key.kind.dataHead.count + families[index].pointsSize
        for range in families[index].loose { size += range.count }
        families[index].dataSize = size
        families[index].metricSize = families[index].head.count + framed(size)
        return count
    }
}

/// The size of a simple point's content: times, value, attributes.
@inline(__always)
func pointSize(_ point: Point) -> Int {
    (point.start == 0 ? 18 : 27) &+ Int(point.attributesCount)
}

/// The size of a message with its tag, which is one byte for all of these, and its length.
@inline(__always)
func framed(_ size: Int) -> Int {
    1 &+ varintSize(size) &+ size
}

@inline(__always)
func varintSize(_ value: Int) -> Int {
    max(1, (UInt64.bitWidth &- UInt64(value).leadingZeroBitCount &+ 6) / 7)
}

/// The content of the `InstrumentationScope` message.
let scopeHead: [UInt8] = {
    var head: [UInt8] = []
    head.appendField(1, Provenance.scopeName)
    return head
}()
