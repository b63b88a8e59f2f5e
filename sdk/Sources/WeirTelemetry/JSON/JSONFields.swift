/// What both directions of JSON need of the schema, laid out for looking up.
struct JSONFields: Sendable {
    struct Entry: Sendable {
        let field: Field
        /// The JSON name, with quotes and colon.
        let quotedName: [UInt8]
        /// The JSON name and, where it differs, the protobuf name; protobuf's JSON reads both.
        let names: [[UInt8]]
    }

    let entries: [Entry]
    /// The index of the entry by field number; -1 for none.
    private let byNumber: [Int8]

    init(_ type: MessageType) {
        entries = type.fields.map { field in
            Entry(
                field: field, quotedName: Array("\"\(field.jsonName)\":".utf8),
                names: field.name == field.jsonName
                    ? [Array(field.name.utf8)]
                    : [Array(field.jsonName.utf8), Array(field.name.utf8)])
        }
        var byNumber = [Int8](repeating: -1, count: 32)
        for (index, field) in type.fields.enumerated() { byNumber[field.number] = Int8(index) }
        self.byNumber = byNumber
    }

    func index(number: Int) -> Int? {
        guard number < 32, byNumber[number] >= 0 else { return nil }
        return Int(byNumber[number])
    }

    func index(name: RawSpan) -> Int? {
        for index in entries.indices {
            for candidate in entries[index].names where candidate.count == name.byteCount {
                if unsafe name.hasSameBytes(as: candidate.span.bytes) { return index }
            }
        }
        return nil
    }

    private static let all = MessageType.allCases.map(JSONFields.init)

    static func of(_ type: MessageType) -> JSONFields { all[Int(type.rawValue)] }
}
