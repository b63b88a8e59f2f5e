/// What one target gets of a request that `partition` took apart: a request of its own, described as
/// what is to be copied from the original.
public struct PartitionPiece: Sendable {
    /// A range of the original to copy, or a length to write.
    private enum Step {
        case copy(Range<Int>)
        case length(Int)
    }

    /// A message that has been begun in this piece and is not complete.
    private struct Begun {
        var step: Int
        /// The bytes of the piece before its content, the length not counted.
        var byteCount: Int
        /// How many of the message's other fields are there already.
        var others: Int
    }

    public let target: Int
    /// Spans, data points or log records.
    public internal(set) var items = 0
    /// The exact size.
    public private(set) var byteCount = 0
    private var steps: [Step] = []
    private var begun: [Begun] = []

    init(target: Int) { self.target = target }

    /// How many messages have been begun and not ended.
    var depth: Int { begun.count }

    mutating func copy(_ range: Range<Int>) {
        byteCount += range.count
        if case .copy(let last)? = steps.last, last.upperBound == range.lowerBound {
            steps[steps.count - 1] = .copy(last.lowerBound..<range.upperBound)
        } else {
            steps.append(.copy(range))
        }
    }

    mutating func begin(_ tag: Range<Int>, _ others: [Range<Int>]) {
        copy(tag)
        begun.append(Begun(step: steps.count, byteCount: byteCount, others: others.count))
        steps.append(.length(0))
        for range in others { copy(range) }
    }

    /// Adds what came of the message's other fields since it was begun, and its length.
    mutating func end(_ others: [Range<Int>]) {
        let open = begun.removeLast()
        for range in others[open.others...] { copy(range) }
        let length = byteCount - open.byteCount
        steps[open.step] = .length(length)
        byteCount += varintSize(UInt64(length))
    }

    /// The piece as a new array. `original` must be what it was made from.
    public func bytes(from original: RawSpan) -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, count in
            unsafe write(original, into: UnsafeMutableRawBufferPointer(buffer))
            count = byteCount
        }
    }

    /// Writes the piece into memory of at least `byteCount` bytes.
    public func write(_ original: RawSpan, into output: UnsafeMutableRawBufferPointer) {
        precondition(output.count >= byteCount, "the buffer is smaller than byteCount")
        unsafe original.withUnsafeBytes { source in
            var to = 0
            for step in steps {
                switch step {
                case .copy(let range):
                    unsafe UnsafeMutableRawBufferPointer(
                        rebasing: output[to..<to + range.count]
                    ).copyMemory(from: UnsafeRawBufferPointer(rebasing: source[range]))
                    to += range.count
                case .length(let length):
                    var value = UInt(length)
                    while value >= 0x80 {
                        unsafe output[to] = UInt8(truncatingIfNeeded: value) | 0x80
                        value >>= 7
                        to += 1
                    }
                    unsafe output[to] = UInt8(value)
                    to += 1
                }
            }
        }
    }
}
