extension SeriesCache {
    /// The size of the request that was laid out.
    var requestSize: Int { groups.reduce(0) { $0 + ($1.size == 0 ? 0 : framed($1.size)) } }

    /// Writes the request, as it was laid out.
    func write(to memory: inout MutableRawSpan) {
        unsafe memory.withUnsafeMutableBytes { memory in
            var output = unsafe Output(memory)
            for group in groups where group.size > 0 { write(group, to: &output) }
            precondition(output.count == requestSize, "a request of another size than laid out")
        }
    }

    private func write(_ group: OutputGroup, to output: inout Output) {
        output.begin(1, group.size)
        output.begin(1, group.resource.count)
        output.append(group.resource)
        output.begin(2, group.scopeSize)
        output.begin(1, scopeHead.count)
        output.append(scopeHead)
        for index in group.families where families[Int(index)].metricSize > 0 {
            write(families[Int(index)], to: &output)
        }
    }

    private func write(_ family: borrowing OutputFamily, to output: inout Output) {
        output.begin(2, family.metricSize)
        output.append(family.head)
        output.begin(family.key.kind.dataField, family.dataSize)
        output.append(family.key.kind.dataHead)
        if family.regularCount > 0 {
            let attributes = attributes.raw
            for index in family.points {
                let point = points[Int(index)]
                let source = series[Int(point.source)]
                guard source.seen == scrape, !source.flags.contains(.hasDetail) else { continue }
                output.begin(1, pointSize(point))
                if point.start != 0 { output.append(2 << 3 | 1, fixed64: point.start) }
                output.append(
                    3 << 3 | 1, fixed64: source.flags.contains(.hasTime) ? source.time : now)
                output.append(4 << 3 | 1, fixed64: source.value.bitPattern)
                output.append(attributes.part(point.attributes))
            }
        }
        let scratch = scratch.raw
        for range in family.loose { output.append(scratch.part(range)) }
    }
}

/// Memory that is being filled. It was measured before, so that nothing grows; each write is
/// checked all the same.
@safe
private struct Output {
    private let start: UnsafeMutableRawPointer?
    private let capacity: Int
    private(set) var count = 0

    init(_ memory: UnsafeMutableRawBufferPointer) {
        unsafe start = memory.baseAddress
        capacity = memory.count
    }

    @inline(__always)
    private mutating func take(_ bytes: Int) -> UnsafeMutableRawPointer {
        guard let start = unsafe start, bytes <= capacity &- count else {
            preconditionFailure("a request that is larger than was laid out")
        }
        defer { count &+= bytes }
        return unsafe start + count
    }

    /// Tag and length of a message.
    @inline(__always)
    mutating func begin(_ number: UInt8, _ size: Int) {
        unsafe take(1).storeBytes(of: number << 3 | 2, as: UInt8.self)
        var size = UInt64(size)
        while size >= 0x80 {
            unsafe take(1).storeBytes(
                of: UInt8(truncatingIfNeeded: size) | 0x80, as: UInt8.self)
            size >>= 7
        }
        unsafe take(1).storeBytes(of: UInt8(truncatingIfNeeded: size), as: UInt8.self)
    }

    @inline(__always)
    mutating func append(_ tag: UInt8, fixed64 value: UInt64) {
        let place = unsafe take(9)
        unsafe place.storeBytes(of: tag, as: UInt8.self)
        unsafe (place + 1).storeBytes(of: value.littleEndian, as: UInt64.self)
    }

    @inline(__always)
    mutating func append(_ bytes: RawSpan) {
        unsafe bytes.withUnsafeBytes { source in
            guard let from = source.baseAddress else { return }
            unsafe take(source.count).copyMemory(from: from, byteCount: source.count)
        }
    }

    mutating func append(_ bytes: [UInt8]) { append(bytes.raw) }
}
