extension JSONValue {
    /// Parses a whole text (RFC 8259).
    public init(parsing bytes: RawSpan) throws(JSONError) {
        var reader = JSONReader(bytes)
        self = try JSONValue(reading: &reader)
        try reader.finish()
    }

    public init(parsing bytes: [UInt8]) throws(JSONError) {
        try unsafe self.init(parsing: bytes.span.bytes)
    }

    public init(parsing text: String) throws(JSONError) {
        try self.init(parsing: Array(text.utf8))
    }

    /// Reads the next value of a reader as a tree.
    public init(reading reader: inout JSONReader) throws(JSONError) {
        switch try reader.peek() {
        case .null:
            try reader.readNull()
            self = .null
        case .bool: self = .bool(try reader.readBool())
        case .string: self = .string(try reader.readString().string)
        case .number:
            let offset = reader.offset
            let number = try reader.readNumber()
            if let integer = number.int64 {
                self = .integer(integer)
            } else if number.double.isFinite {
                self = .number(number.double)
            } else {
                throw JSONError(
                    offset: offset, found: number.string, expected: "a number that fits a double")
            }
        case .array:
            var elements: [JSONValue] = []
            try reader.beginArray()
            while try reader.nextElement() { elements.append(try JSONValue(reading: &reader)) }
            self = .array(elements)
        case .object:
            var members: [JSONMember] = []
            try reader.beginObject()
            while let key = try reader.nextKey() {
                let name = key.string
                members.append(JSONMember(name, try JSONValue(reading: &reader)))
            }
            self = .object(members)
        }
    }
}
