/// A view of one message; made from the message's content.
public protocol MessageView: ~Escapable {
    @_lifetime(copy bytes)
    init(_ bytes: RawSpan)
}

/// The values of a repeated message field, one after the other, wherever they stand.
///
///     var spans = group.spans
///     while let span = spans.next() { ... }
///
/// It is its own iterator, because `for` cannot walk over borrowed elements; a copy begins where
/// the original stands.
@frozen
public struct Repeated<Element: MessageView & ~Escapable>: ~Escapable {
    @usableFromInline var reader: WireReader
    @usableFromInline var outer: WireReader
    @usableFromInline let number: Int
    @usableFromInline let outerNumber: Int

    @inlinable
    @_lifetime(copy bytes)
    init(_ bytes: RawSpan, number: Int) {
        reader = WireReader(bytes)
        outer = WireReader(bytes, at: 0, end: 0)
        self.number = number
        outerNumber = 0
    }

    /// The values of field `number` in every occurrence of the message in field `outer`: two
    /// occurrences of a singular message mean their merge, which for a repeated field inside is
    /// both lists.
    @inlinable
    @_lifetime(copy bytes)
    init(_ bytes: RawSpan, outer outerNumber: Int, number: Int) {
        reader = WireReader(bytes, at: 0, end: 0)
        outer = WireReader(bytes)
        self.number = number
        self.outerNumber = outerNumber
    }

    @inlinable
    @_lifetime(copy self)
    @_lifetime(self: copy self)
    public mutating func next() -> Element? {
        guard let bytes = nextBytes() else { return nil }
        return Element(bytes)
    }

    /// The next element's bytes, without its tag and length.
    @inlinable
    @_lifetime(copy self)
    @_lifetime(self: copy self)
    public mutating func nextBytes() -> RawSpan? {
        while true {
            while let tag = reader.nextTag() {
                if tag.number == number, tag.wireType == .bytes { return reader.readBytes() }
                guard reader.skip(tag) else { break }
            }
            guard advance() else { return nil }
        }
    }

    /// How many there are from here to the end.
    @inlinable
    public func count() -> Int {
        var copy = self
        var count = 0
        while copy.nextBytes() != nil { count &+= 1 }
        return count
    }

    /// Goes into the next occurrence of the enclosing message.
    @inlinable
    @_lifetime(self: copy self)
    mutating func advance() -> Bool {
        while let tag = outer.nextTag() {
            if tag.number == outerNumber, tag.wireType == .bytes {
                guard let range = outer.readRange() else { return false }
                reader = WireReader(outer.bytes, at: range.lowerBound, end: range.upperBound)
                return true
            }
            guard outer.skip(tag) else { return false }
        }
        return false
    }
}
