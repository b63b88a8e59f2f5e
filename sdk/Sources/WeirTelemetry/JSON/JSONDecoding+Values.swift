import WeirJSON

// Values as protobuf's JSON mapping writes them, with OTLP's exceptions.
extension JSONDecoder {
    /// Appends one value without tag and length.
    @_lifetime(self: copy self)
    mutating func value(_ kind: FieldKind, _ output: inout [UInt8]) throws(JSONError) {
        switch kind {
        case .string: try reader.readString().append(to: &output)
        case .bytes: try base64(&output)
        case .traceID: try hex(&output, count: 16)
        case .spanID: try hex(&output, count: 8)
        case .bool: output.append(try reader.readBool() ? 1 : 0)
        case .double: output.appendFixed64(try double().bitPattern)
        case .int64: output.appendVarint(UInt64(bitPattern: try integer(Int64.self)))
        case .int32: output.appendVarint(UInt64(bitPattern: Int64(try integer(Int32.self))))
        case .sint32: output.appendVarint(zigZagEncoded(try integer(Int32.self)))
        case .uint32: output.appendVarint(UInt64(try integer(UInt32.self)))
        case .uint64: output.appendVarint(try integer(UInt64.self))
        case .fixed64: output.appendFixed64(try integer(UInt64.self))
        case .sfixed64: output.appendFixed64(UInt64(bitPattern: try integer(Int64.self)))
        case .fixed32:
            let number = try integer(UInt32.self)
            for shift in [0, 8, 16, 24] as [UInt32] {
                output.append(UInt8(truncatingIfNeeded: number >> shift))
            }
        case .enumeration(let type):
            output.appendVarint(UInt64(bitPattern: Int64(try enumeration(type))))
        case .message: preconditionFailure("a message is not a scalar")
        }
    }

    /// A number, or a string that holds one.
    @_lifetime(self: copy self)
    private mutating func numberText() throws(JSONError) -> (text: String, offset: Int) {
        let kind = try reader.peek()
        let offset = reader.offset
        switch kind {
        case .number: return (try reader.readNumber().string, offset)
        case .string: return (try reader.readString().string, offset)
        default: throw reader.unexpected("a number, or a string that holds one")
        }
    }

    @_lifetime(self: copy self)
    private mutating func integer<Number: FixedWidthInteger>(
        _ type: Number.Type
    ) throws(JSONError) -> Number {
        let (text, offset) = try numberText()
        if let number = Number(text), !text.hasPrefix("+") { return number }
        // 1e3 and 2.0 are integers too, as long as a double holds them exactly.
        if let double = Double(text), abs(double) < 9_007_199_254_740_992,
            let number = Number(exactly: double)
        {
            return number
        }
        throw JSONError(
            offset: offset, found: text.isEmpty ? "an empty string" : excerpt(text),
            expected: "an integer from \(Number.min) to \(Number.max)")
    }

    @_lifetime(self: copy self)
    private mutating func double() throws(JSONError) -> Double {
        let (text, offset) = try numberText()
        switch text {
        case "NaN": return .nan
        case "Infinity": return .infinity
        case "-Infinity": return -.infinity
        default: break
        }
        // The standard library also reads "inf", "nan" and hex floats; JSON does not.
        let isPlain = text.utf8.allSatisfy { "0123456789+-.eE".utf8.contains($0) }
        guard isPlain, let number = Double(text), number.isFinite else {
            throw JSONError(
                offset: offset, found: text.isEmpty ? "an empty string" : excerpt(text),
                expected: "a number that fits a double, or \"NaN\", \"Infinity\", \"-Infinity\"")
        }
        return number
    }

    @_lifetime(self: copy self)
    private mutating func enumeration(_ type: EnumerationType) throws(JSONError) -> Int32 {
        guard try reader.peek() == .string else { return try integer(Int32.self) }
        let offset = reader.offset
        let text = try reader.readString().string
        if let index = type.names.firstIndex(of: text) { return Int32(index) }
        if let number = Int32(text) { return number }
        throw JSONError(
            offset: offset, found: "\"\(excerpt(text))\"",
            expected: "a number or one of \(type.names.joined(separator: ", "))")
    }

    @_lifetime(self: copy self)
    private mutating func hex(_ output: inout [UInt8], count: Int) throws(JSONError) {
        _ = try reader.peek()
        let offset = reader.offset
        let text = try reader.readString()
        let expected = "\(count * 2) hex digits, or none"
        guard text.raw.byteCount == count * 2 || text.raw.byteCount == 0 else {
            throw JSONError(
                offset: offset, found: "\(text.raw.byteCount) characters", expected: expected)
        }
        for index in 0..<(text.raw.byteCount / 2) {
            guard let high = hexDigit(text.raw.byte(index * 2)),
                let low = hexDigit(text.raw.byte(index * 2 + 1))
            else {
                throw JSONError(offset: offset, found: "\"\(text.string)\"", expected: expected)
            }
            output.append(high << 4 | low)
        }
    }

    @_lifetime(self: copy self)
    private mutating func base64(_ output: inout [UInt8]) throws(JSONError) {
        _ = try reader.peek()
        let offset = reader.offset
        var text: [UInt8] = []
        try reader.readString().append(to: &text)
        guard output.appendDecodedBase64(text) else {
            throw JSONError(
                offset: offset, found: "a string that is not base64",
                expected: "base64, padded or not, of the standard or the URL alphabet")
        }
    }
}

/// What a sender wrote, for an error that goes to a log: the beginning, on one line.
private func excerpt(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars.prefix(40) {
        result.unicodeScalars.append(scalar.properties.generalCategory == .control ? "?" : scalar)
    }
    return result.unicodeScalars.count < text.unicodeScalars.count ? result + "…" : result
}
