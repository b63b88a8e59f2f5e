/// A record that is not done, as the index has it.
struct IndexRow: Equatable {
    var segment: UInt64
    var entry: Catalogue.Entry

    /// Rows carry sums of their own: SQLite notices damage to its structure, not to a number.
    var sum: UInt32 {
        var bytes: [UInt8] = []
        bytes.append(segment)
        bytes.append(entry.id)
        bytes.append(entry.offset)
        bytes.append(entry.unixNano)
        bytes.append(entry.length)
        bytes.append(entry.items)
        bytes.append(entry.signal)
        return checksum(bytes[...])
    }
}

/// What the index knows of a segment.
struct IndexSegment: Equatable {
    var number: UInt64
    /// Up to where its records are in the index, unless they are done.
    var end: UInt64
    /// How many rows there are of it.
    var live: Int
    /// The greatest id in it, of what is done as well: ids are never given twice, or a record that is
    /// done would come back under the number of another.
    var lastID: UInt64

    var sum: UInt32 {
        var bytes: [UInt8] = []
        bytes.append(number)
        bytes.append(end)
        bytes.append(UInt64(live))
        bytes.append(lastID)
        return checksum(bytes[...])
    }
}

/// What changed since the index was last written.
struct IndexChange: Equatable {
    var added: [IndexRow] = []
    var removed: [UInt64] = []
    var segments: [IndexSegment] = []
    var gone: [UInt64] = []

    var isEmpty: Bool {
        added.isEmpty && removed.isEmpty && segments.isEmpty && gone.isEmpty
    }
}
