import NIOCore

/// The header fields of one message, as they came: texts are made of those that someone asks for.
package struct HTTP1Fields: Sendable {
    /// Where a field's name and value stand in the text.
    struct Field: Sendable {
        var name: Range<UInt32>
        var value: Range<UInt32>
    }

    let text: ByteBuffer
    private(set) var fields: [Field] = []

    init(_ text: ByteBuffer) {
        self.text = text
        fields.reserveCapacity(12)
    }

    /// The same fields in another text, in which they stand at the same places.
    init(_ known: HTTP1Fields, in text: ByteBuffer) {
        self.text = text
        fields = known.fields
    }

    mutating func append(name: Range<Int>, value: Range<Int>) {
        fields.append(
            Field(
                name: UInt32(name.lowerBound)..<UInt32(name.upperBound),
                value: UInt32(value.lowerBound)..<UInt32(value.upperBound)))
    }

    /// The first value of a field; the name's case does not matter.
    func first(_ name: String) -> String? {
        fields.first { isNamed($0, name) }.map { string($0.value) }
    }

    /// Every value of a field, in order.
    func all(_ name: String) -> [String] {
        fields.filter { isNamed($0, name) }.map { string($0.value) }
    }

    func contains(_ name: String) -> Bool { fields.contains { isNamed($0, name) } }

    func forEach(_ body: (_ name: String, _ value: String) -> Void) {
        for field in fields { body(string(field.name), string(field.value)) }
    }

    /// Whether one of the comma-separated words of a field is `word`, which is in lower case.
    func contains(_ name: String, word: String) -> Bool {
        fields.contains { field in
            guard isNamed(field, name) else { return false }
            return string(field.value).split(separator: ",").contains { part in
                part.drop { $0 == " " || $0 == "\t" }.prefix { $0 != " " && $0 != "\t" }
                    .lowercased() == word
            }
        }
    }

    private func isNamed(_ field: Field, _ name: String) -> Bool {
        var name = name
        guard field.name.count == name.utf8.count else { return false }
        return name.withUTF8 { name in
            let bytes = text.readableBytesUInt8Span
            for index in 0..<name.count {
                let found = bytes[Int(field.name.lowerBound) + index]
                guard unsafe found.lowercasedASCII == name[index].lowercasedASCII else {
                    return false
                }
            }
            return true
        }
    }

    func string(_ range: Range<UInt32>) -> String {
        text.getString(
            at: text.readerIndex + Int(range.lowerBound), length: range.count) ?? ""
    }
}

extension UInt8 {
    var lowercasedASCII: UInt8 { self >= 0x41 && self <= 0x5A ? self | 0x20 : self }
}
