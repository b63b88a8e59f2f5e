import WeirTelemetry

/// Byte strings in a few large pieces of memory, so that each costs no allocation of its own.
struct ByteArena: Sendable {
    struct Place: Sendable {
        var chunk: UInt32
        var start: UInt32
        var count: UInt32
    }

    /// How many bytes behind a string may be read, whatever they are.
    static let slack = 32
    private static let chunkSize = 64 << 10

    private struct Chunk: Sendable {
        var bytes: [UInt8]
        var end = 0
        /// Bytes of strings that were not removed.
        var live = 0
    }

    private var chunks: ContiguousArray<Chunk> = []
    private var free: [UInt32] = []
    /// The chunk that strings are added to.
    private var last: UInt32?
    private(set) var live = 0
    private var capacity = 0

    /// Whether so much was removed that moving the strings of ``isSparse(_:)`` chunks pays.
    var isSparse: Bool { capacity > 2 * live + 4 * Self.chunkSize }

    /// Whether most of what was in the chunk of a string is gone.
    func isSparse(_ place: Place) -> Bool {
        let chunk = chunks[Int(place.chunk)]
        return place.chunk != last && chunk.live * 2 < chunk.bytes.count
    }

    mutating func add(_ bytes: RawSpan) -> Place {
        let count = bytes.byteCount
        let index = chunk(for: count + Self.slack)
        let start = chunks[index].end
        unsafe chunks[index].bytes.withUnsafeMutableBytes { buffer in
            unsafe bytes.withUnsafeBytes { source in
                unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[start...]).copyMemory(
                    from: source)
            }
        }
        chunks[index].end += count
        chunks[index].live += count
        live += count
        return Place(chunk: UInt32(index), start: UInt32(start), count: UInt32(count))
    }

    /// Moves a string out of its chunk.
    mutating func move(_ place: Place) -> Place {
        // Keeps the memory, which the arena may let go of.
        let source = chunks[Int(place.chunk)].bytes
        remove(place)
        return add(source.raw.part(Int(place.start)..<Int(place.start + place.count)))
    }

    mutating func remove(_ place: Place) {
        let index = Int(place.chunk)
        live -= Int(place.count)
        chunks[index].live -= Int(place.count)
        guard chunks[index].live == 0, place.chunk != last else { return }
        capacity -= chunks[index].bytes.count
        chunks[index] = Chunk(bytes: [])
        free.append(place.chunk)
    }

    /// A string, and `more` bytes behind it, at most ``slack``.
    @inline(__always)
    func withBytes<Result>(
        of place: Place, more: Int = 0, _ body: (RawSpan) -> Result
    ) -> Result {
        unsafe chunks[Int(place.chunk)].bytes.withUnsafeBytes { chunk in
            let start = Int(place.start)
            let range = start..<start &+ Int(place.count) &+ more
            return unsafe body(
                RawSpan(_unsafeBytes: UnsafeRawBufferPointer(rebasing: chunk[range])))
        }
    }

    private mutating func chunk(for count: Int) -> Int {
        if let last, chunks[Int(last)].bytes.count - chunks[Int(last)].end >= count {
            return Int(last)
        }
        if let last, chunks[Int(last)].live == 0 {
            // Everything in it was removed while it was the last.
            capacity -= chunks[Int(last)].bytes.count
            chunks[Int(last)] = Chunk(bytes: [])
            free.append(last)
        }
        let chunk = Chunk(bytes: [UInt8](repeating: 0, count: max(count, Self.chunkSize)))
        capacity += chunk.bytes.count
        let index = free.popLast() ?? UInt32(chunks.count)
        if Int(index) == chunks.count { chunks.append(chunk) } else { chunks[Int(index)] = chunk }
        last = index
        return Int(index)
    }
}
