/// A request with changes, described as what replaces which bytes of the original.
///
/// It is made in one pass over the original, which tells the exact size, and written in a second
/// that copies everything between the changes as it stands. Lengths on the way to a change are
/// minimal; what lies beside it keeps its bytes, non-minimal varints and unknown fields included.
public struct Rewrite: Sendable {
    /// Bytes of the original and what takes their place, in ascending order, never overlapping.
    struct Splice: Sendable {
        var offset: Int
        var removed: Int
        /// Where in `pool` the replacement begins; below zero it is `~value` of a varint.
        var source: Int
        var count: Int
    }

    var splices: [Splice] = []
    var pool: [UInt8] = []
    private var originalCount = 0
    private var delta = 0

    public init() {}

    /// Whether nothing changes, so that the original can be passed on as it is.
    public var isUnchanged: Bool { splices.isEmpty }

    /// The exact size of the changed request.
    public var byteCount: Int { originalCount + delta }

    /// The changed request as a new array. `original` must be what the rewrite was made from.
    public func bytes(from original: RawSpan) -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, count in
            unsafe write(original, into: UnsafeMutableRawBufferPointer(buffer))
            count = byteCount
        }
    }

    /// Writes the changed request into memory of at least `byteCount` bytes.
    public func write(_ original: RawSpan, into output: UnsafeMutableRawBufferPointer) {
        precondition(output.count >= byteCount, "the buffer is smaller than byteCount")
        precondition(original.byteCount == originalCount, "not the request this was made from")
        unsafe original.withUnsafeBytes { source in
            unsafe pool.withUnsafeBytes { pool in
                unsafe copy(source, pool, output)
            }
        }
    }

    /// Appends the changed request to an output span with at least `byteCount` bytes left.
    @_lifetime(output: copy output)
    public func write(_ original: RawSpan, to output: inout OutputRawSpan) {
        precondition(output.freeCapacity >= byteCount, "less is left than byteCount")
        unsafe output.withUnsafeMutableBytes { buffer, initialized in
            let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[initialized...])
            unsafe write(original, into: rest)
            initialized += byteCount
        }
    }

    @unsafe
    private func copy(
        _ source: UnsafeRawBufferPointer, _ pool: UnsafeRawBufferPointer,
        _ output: UnsafeMutableRawBufferPointer
    ) {
        var from = 0
        var to = 0
        func append(_ bytes: UnsafeRawBufferPointer, _ start: Int, _ count: Int) {
            guard count > 0 else { return }
            unsafe (output.baseAddress! + to).copyMemory(
                from: bytes.baseAddress! + start, byteCount: count)
            to += count
        }
        for splice in splices {
            unsafe append(source, from, splice.offset - from)
            if splice.source >= 0 {
                unsafe append(pool, splice.source, splice.count)
            } else {
                var value = UInt(~splice.source)
                while value >= 0x80 {
                    unsafe output[to] = UInt8(truncatingIfNeeded: value) | 0x80
                    value >>= 7
                    to += 1
                }
                unsafe output[to] = UInt8(value)
                to += 1
            }
            from = splice.offset + splice.removed
        }
        unsafe append(source, from, source.count - from)
    }
}

// MARK: Making one

extension Rewrite {
    /// A message that is being walked through and whose length may have to change.
    struct Open {
        fileprivate let index: Int
        fileprivate let delta: Int
    }

    /// Forgets everything but the memory, for a request of `count` bytes.
    mutating func begin(count: Int) {
        splices.removeAll(keepingCapacity: true)
        pool.removeAll(keepingCapacity: true)
        originalCount = count
        delta = 0
    }

    /// Reserves the place of a length, before the changes inside the message.
    @inline(__always)
    mutating func open() -> Open {
        defer { splices.append(Splice(offset: 0, removed: 0, source: 0, count: 0)) }
        return Open(index: splices.count, delta: delta)
    }

    /// Ends a message: sets its length anew if anything inside has changed.
    @inline(__always)
    mutating func close(_ open: Open, lengthAt offset: Int, content: Range<Int>) {
        if splices.count == open.index + 1 {
            splices.removeLast()
            return
        }
        let length = content.count + delta - open.delta
        let size = varintSize(UInt64(length))
        let removed = content.lowerBound - offset
        splices[open.index] = Splice(
            offset: offset, removed: removed, source: ~length, count: size)
        delta += size - removed
    }

    /// Opens a message, adds bytes of the pool at its end, and closes it.
    @inline(__always)
    mutating func append(pool: Range<Int>, to content: Range<Int>, lengthAt offset: Int) {
        let length = content.count &+ pool.count
        let size = varintSize(UInt64(length))
        let removed = content.lowerBound &- offset
        splices.append(Splice(offset: offset, removed: removed, source: ~length, count: size))
        splices.append(
            Splice(
                offset: content.upperBound, removed: 0, source: pool.lowerBound, count: pool.count))
        delta &+= size &- removed &+ pool.count
    }

    /// Ends a message by removing the whole field instead.
    mutating func remove(_ open: Open, field: Range<Int>) {
        splices.removeSubrange(open.index...)
        delta = open.delta
        remove(field)
    }

    mutating func remove(_ range: Range<Int>) {
        replace(range, pool: 0..<0)
    }

    /// What the last change took from the pool.
    var lastPool: Range<Int> {
        splices.last.map { $0.source..<$0.source + $0.count } ?? 0..<0
    }

    /// Puts bytes of the pool in the place of a range, which may be empty.
    mutating func replace(_ range: Range<Int>, pool: Range<Int>) {
        splices.append(
            Splice(
                offset: range.lowerBound, removed: range.count, source: pool.lowerBound,
                count: pool.count))
        delta += pool.count - range.count
    }
}

/// The bytes that a varint takes when it is as short as it can be.
@inlinable
func varintSize(_ value: UInt64) -> Int {
    (70 &- (value | 1).leadingZeroBitCount) / 7
}
