import NIOCore

/// The request line and the fields of one request, checked.
///
/// Stricter than some servers, on purpose: where two readers could disagree about where a request
/// ends, another request can be smuggled past one of them. So there is no folding, no bare LF, no
/// space before a colon, one length and not both kinds, and `chunked` is the only coding.
struct HTTP1RequestHead {
    /// How the end of the body is found.
    enum Framing: Equatable {
        case length(Int)
        case chunked
    }

    /// What the header says besides the length. Requests with the same header share it.
    final class Meaning: Sendable {
        let method: String
        /// The request's target as it came.
        let target: String
        /// The target without scheme, host and query, and the query.
        let path: String
        let query: String?
        /// 0 or 1 of HTTP/1.x.
        let minorVersion: Int
        /// Whether another request may follow on the connection.
        let keepsAlive: Bool
        let contentType: String?
        let contentEncoding: String?
        /// The client waits for `100 Continue` before it sends the body.
        let expectsContinue: Bool

        fileprivate init(method: String, target: String, minorVersion: Int, _ fields: HTTP1Fields) {
            self.method = method
            self.target = target
            (path, query) = HTTP2RequestHead.split(HTTP1Text.originForm(target))
            self.minorVersion = minorVersion
            let isClosing =
                minorVersion == 0
                ? !fields.contains("connection", word: "keep-alive")
                : fields.contains("connection", word: "close")
            // After CONNECT and an upgrade another protocol would follow, which nobody here speaks.
            keepsAlive = !isClosing && method != "CONNECT" && !fields.contains("upgrade")
            contentType = fields.first("content-type")
            contentEncoding = fields.first("content-encoding")
            expectsContinue = fields.first("expect")?.lowercased() == "100-continue"
        }
    }

    let meaning: Meaning
    private(set) var fields: HTTP1Fields
    private(set) var framing: Framing
    /// Where the length of the body stands in the text, if it does.
    let lengthDigits: Range<UInt32>?

    var method: String { meaning.method }
    var target: String { meaning.target }
    var minorVersion: Int { meaning.minorVersion }
    var keepsAlive: Bool { meaning.keepsAlive }

    /// Reads a whole head, the empty line at its end included.
    init(_ text: ByteBuffer) throws(HTTP1Violation) {
        var fields = HTTP1Fields(text)
        let bytes = text.readableBytesUInt8Span
        let line = try Self.requestLine(bytes)
        var scan = LengthScan()
        var at = line.end
        // The caller saw to it that every line ends with CR LF and the last one is empty.
        while bytes[at] != Byte.cr {
            at = try Self.field(bytes, from: at, into: &fields, &scan)
        }
        framing = try scan.framing(isHTTP10: line.minorVersion == 0, fields)
        lengthDigits = scan.lengthDigits(fields)
        meaning = Meaning(
            method: fields.string(0..<UInt32(line.methodEnd)),
            target: fields.string(UInt32(line.methodEnd + 1)..<UInt32(line.targetEnd)),
            minorVersion: line.minorVersion, fields)
        self.fields = fields
    }

    /// The same header in another text, which differs from its own in the length at most.
    func moved(to text: ByteBuffer, length: Int?) -> HTTP1RequestHead {
        var head = self
        head.fields = HTTP1Fields(fields, in: text)
        if let length { head.framing = .length(length) }
        return head
    }

    private static func requestLine(
        _ bytes: Span<UInt8>
    ) throws(HTTP1Violation) -> (methodEnd: Int, targetEnd: Int, minorVersion: Int, end: Int) {
        var at = 0
        while bytes[at].isHTTPToken { at += 1 }
        let methodEnd = at
        guard methodEnd > 0, bytes[at] == Byte.space else {
            throw HTTP1Violation("the request does not begin with a method and a space")
        }
        at += 1
        let targetStart = at
        while bytes[at] > Byte.space, bytes[at] != Byte.delete { at += 1 }
        let targetEnd = at
        guard targetEnd > targetStart, bytes[at] == Byte.space else {
            throw HTTP1Violation(
                "the request line has no target, or a control character in it, or no version after it"
            )
        }
        // Nine more bytes and the line's end are there, or the comparison fails before them.
        for expected in " HTTP/1.".utf8 {
            guard bytes[at] == expected else {
                throw HTTP1Violation("the request line does not end with HTTP/1.1 or HTTP/1.0")
            }
            at += 1
        }
        let minor = Int(bytes[at]) - 0x30
        guard minor == 0 || minor == 1, bytes[at + 1] == Byte.cr, bytes[at + 2] == Byte.lf else {
            throw HTTP1Violation("the request line does not end with HTTP/1.1 or HTTP/1.0")
        }
        return (methodEnd, targetEnd, minor, at + 3)
    }

    /// Reads one field, and returns where the next line begins.
    private static func field(
        _ bytes: Span<UInt8>, from start: Int, into fields: inout HTTP1Fields,
        _ scan: inout LengthScan
    ) throws(HTTP1Violation) -> Int {
        var at = start
        while bytes[at].isHTTPToken { at += 1 }
        guard at > start, bytes[at] == Byte.colon else {
            throw HTTP1Violation(
                "field \(fields.fields.count + 1) has no name that ends with a colon")
        }
        let name = start..<at
        at += 1
        while bytes[at] == Byte.space || bytes[at] == Byte.tab { at += 1 }
        let valueStart = at
        while bytes[at] >= Byte.space && bytes[at] != Byte.delete || bytes[at] == Byte.tab {
            at += 1
        }
        var valueEnd = at
        guard bytes[at] == Byte.cr, bytes[at + 1] == Byte.lf else {
            throw HTTP1Violation(
                "the value of field \(fields.fields.count + 1) has a control character in it")
        }
        while valueEnd > valueStart,
            bytes[valueEnd - 1] == Byte.space || bytes[valueEnd - 1] == Byte.tab
        {
            valueEnd -= 1
        }
        let index = fields.fields.count
        fields.append(name: name, value: valueStart..<valueEnd)
        // Both names that decide about the length have a length of their own.
        if name.count == 14 || name.count == 17 { scan.note(index, fields) }
        return at + 2
    }
}

/// The fields that say how long the body is.
private struct LengthScan {
    private var lengths: [Int] = []
    private var codings: [Int] = []

    mutating func note(_ index: Int, _ fields: HTTP1Fields) {
        switch fields.string(fields.fields[index].name).lowercased() {
        case "content-length": lengths.append(index)
        case "transfer-encoding": codings.append(index)
        default: break
        }
    }

    func framing(
        isHTTP10: Bool, _ fields: HTTP1Fields
    ) throws(HTTP1Violation) -> HTTP1RequestHead.Framing {
        if let coding = codings.first {
            let text = fields.string(fields.fields[coding].value)
            guard lengths.isEmpty, !isHTTP10, codings.count == 1 else {
                throw HTTP1Violation(
                    "transfer-encoding with content-length, twice, or in HTTP/1.0: where the body ends is not certain"
                )
            }
            guard text.lowercased() == "chunked" else {
                throw HTTP1Violation("transfer-encoding '\(text)': only chunked is understood")
            }
            return .chunked
        }
        guard let length = lengths.first else { return .length(0) }
        let text = fields.string(fields.fields[length].value)
        guard lengths.count == 1, !text.isEmpty,
            text.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }), let count = Int(text)
        else {
            throw HTTP1Violation(
                lengths.count > 1
                    ? "there are \(lengths.count) content-length fields"
                    : "content-length '\(text)' is not a number of bytes")
        }
        return .length(count)
    }

    /// Where the length stands, after `framing` found it to be one.
    func lengthDigits(_ fields: HTTP1Fields) -> Range<UInt32>? {
        lengths.first.map { fields.fields[$0].value }
    }
}

/// Characters of HTTP/1.1 by name.
enum Byte {
    static let tab: UInt8 = 0x09
    static let lf: UInt8 = 0x0A
    static let cr: UInt8 = 0x0D
    static let space: UInt8 = 0x20
    static let colon: UInt8 = 0x3A
    static let semicolon: UInt8 = 0x3B
    static let delete: UInt8 = 0x7F
}

extension UInt8 {
    /// `tchar` of RFC 9110, 5.6.2: what methods and the names of fields are made of.
    var isHTTPToken: Bool {
        switch self {
        case 0x61...0x7A, 0x41...0x5A, 0x30...0x39, 0x2D: true
        case 0x21, 0x23...0x27, 0x2A, 0x2B, 0x2E, 0x5E...0x60, 0x7C, 0x7E: true
        default: false
        }
    }

    /// The value of a hexadecimal digit.
    var hexDigit: Int? {
        switch self {
        case 0x30...0x39: Int(self) - 0x30
        case 0x41...0x46: Int(self) - 0x37
        case 0x61...0x66: Int(self) - 0x57
        default: nil
        }
    }
}
