/// Why bytes are not an OTLP request: what was found, where, and what was expected.
public struct WireError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The byte, counted from the start of the request.
    public var offset: Int
    /// The way to the field, as in `resource_spans[0].scope_spans[2].spans[17].name`.
    public var path: String
    public var found: String
    public var expected: String

    public init(offset: Int, path: String, found: String, expected: String) {
        self.offset = offset
        self.path = path
        self.found = found
        self.expected = expected
    }

    public var description: String {
        "byte \(offset)\(path.isEmpty ? "" : " (\(path))"): found \(found), expected \(expected)"
    }
}

/// What the scan notes when it stops; the text is made only for the caller who sees it.
struct ScanFailure: Error {
    enum Reason {
        case longVarint
        case truncatedVarint
        case lengthBeyondEnd(length: UInt64, left: Int)
        case truncatedFixed(Int, left: Int)
        case packedLength(Int)
        case depth(Int)
        /// Field number 0, too large a tag, a group or a wire type that does not fit.
        case tag(UInt64)
    }

    var reason: Reason
    var offset: Int
}

extension WireError {
    init(_ failure: ScanFailure, in bytes: RawSpan, type: MessageType) {
        let place = WirePath(to: failure.offset, in: bytes, type: type)
        offset = failure.offset
        path = place.path
        switch failure.reason {
        case .longVarint:
            found = "a varint of more than 10 bytes"
            expected = "at most 10"
        case .truncatedVarint:
            found = "a varint that the end of \(place.messageName) cuts off"
            expected = "a last byte below 0x80"
        case .lengthBeyondEnd(let length, let left):
            found = "a length of \(length) bytes"
            expected = "at most the \(left) that are left in \(place.messageName)"
        case .truncatedFixed(let size, let left):
            found = "\(left) bytes left in \(place.messageName)"
            expected = "a value of \(size) bytes"
        case .packedLength(let length):
            found = "packed 8-byte values in \(length) bytes"
            expected = "a multiple of 8"
        case .depth(let limit):
            found = "AnyValue nested more than \(limit) deep"
            expected = "at most \(limit)"
        case .tag(let tag):
            (found, expected) = WireError.describe(tag: tag, in: place.message)
        }
    }

    private static func describe(tag: UInt64, in message: MessageType?) -> (String, String) {
        guard tag <= UInt32.max else {
            return ("a tag of \(tag)", "at most \(UInt32.max), the largest field number")
        }
        let number = Int(tag >> 3)
        guard number > 0 else { return ("field number 0", "1 or more") }
        let known = message?.field(number: number)
        let expected =
            known.map { "\($0.name) with \($0.kind.wireType.text)" }
            ?? "wire type 0, 1, 2 or 5"
        return switch tag & 7 {
        case 3, 4: ("a group in field \(number); OTLP has none", expected)
        case 6, 7: ("wire type \(tag & 7) in field \(number)", expected)
        default:
            ("\(WireType(rawValue: UInt8(tag & 7))!.text) in field \(number)", expected)
        }
    }
}

extension WireType {
    var text: String {
        switch self {
        case .varint: "wire type 0 (varint)"
        case .fixed64: "wire type 1 (8 bytes)"
        case .bytes: "wire type 2 (length and bytes)"
        case .fixed32: "wire type 5 (4 bytes)"
        }
    }
}
