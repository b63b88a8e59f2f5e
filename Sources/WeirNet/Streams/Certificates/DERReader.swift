/// Walks through DER (X.690): tag, length, contents. Bounded by the bytes that it was given.
struct DERReader {
    struct Element {
        var tag: UInt8
        var contents: ArraySlice<UInt8>

        var inner: DERReader { DERReader(contents) }
    }

    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    var isAtEnd: Bool { rest.isEmpty }

    /// The tag of what comes next.
    var nextTag: UInt8? { rest.first }

    /// `nil`: no element is there, or it is cut off.
    mutating func next() -> Element? {
        var bytes = rest
        guard let tag = bytes.popFirst(), tag & 0x1F != 0x1F, let first = bytes.popFirst() else {
            return nil
        }
        var length = Int(first)
        if first & 0x80 != 0 {
            let count = Int(first & 0x7F)
            guard (1...4).contains(count), bytes.count >= count else { return nil }
            length = bytes.prefix(count).reduce(0) { $0 << 8 | Int($1) }
            bytes = bytes.dropFirst(count)
        }
        guard bytes.count >= length else { return nil }
        let contents = bytes.prefix(length)
        rest = bytes.dropFirst(length)
        return Element(tag: tag, contents: contents)
    }

    /// The next element, which must have this tag.
    mutating func next(_ tag: UInt8) -> Element? {
        guard nextTag == tag else { return nil }
        return next()
    }
}

/// The tags that certificates use.
enum DERTag {
    static let integer: UInt8 = 0x02
    static let octets: UInt8 = 0x04
    static let oid: UInt8 = 0x06
    static let utcTime: UInt8 = 0x17
    static let generalizedTime: UInt8 = 0x18
    static let bmpString: UInt8 = 0x1E
    static let sequence: UInt8 = 0x30
    static let set: UInt8 = 0x31
}
