import NIOCore
import NIOHPACK

/// A header list as it came, with what a request's list says, read once.
///
/// One object serves all requests of a connection whose header blocks are the same bytes.
final class HTTP2HeaderBlock {
    let headers: HPACKHeaders
    private(set) lazy var request = HTTP2RequestHead(headers)
    private(set) lazy var messageHeaders = MessageHeaders(headers)
    private(set) lazy var requestViolation = violation(isRequest: true, isTrailers: false)
    private(set) lazy var responseViolation = violation(isRequest: false, isTrailers: false)
    private(set) lazy var trailersViolation = violation(isRequest: false, isTrailers: true)

    init(_ headers: HPACKHeaders) { self.headers = headers }

    /// What RFC 9113, sections 8.2 and 8.3, demands of a header list; `nil` when all is well.
    private func violation(isRequest: Bool, isTrailers: Bool) -> String? {
        var seen = 0
        var sawRegular = false
        var path = ""
        var isConnect = false
        for field in headers {
            if field.name.utf8.first == UInt8(ascii: ":") {
                if sawRegular { return "a pseudo field after a regular one" }
                if isTrailers { return "a pseudo field in trailers" }
                let bit = Self.bit(of: field.name, isRequest: isRequest)
                if bit == 0 { return "the pseudo field \(field.name)" }
                if seen & bit != 0 { return "\(field.name) twice" }
                seen |= bit
                if field.name == ":path" { path = field.value }
                if field.name == ":method" { isConnect = field.value == "CONNECT" }
                continue
            }
            sawRegular = true
            if let text = Self.violation(field.name, field.value) { return text }
        }
        if isTrailers { return nil }
        if !isRequest { return seen == 1 ? nil : "no :status" }
        if seen & 1 == 0 { return "no :method" }
        if isConnect { return nil }
        if seen & 2 == 0 { return "no :scheme" }
        return path.isEmpty ? "no :path" : nil
    }

    private static func bit(of name: String, isRequest: Bool) -> Int {
        switch (name, isRequest) {
        case (":method", true), (":status", false): return 1
        case (":scheme", true): return 2
        case (":path", true): return 4
        case (":authority", true): return 8
        default: return 0
        }
    }

    private static func violation(_ name: String, _ value: String) -> String? {
        if name.isEmpty { return "an empty field name" }
        for byte in name.utf8 where byte <= 0x20 || byte >= 0x7F || (byte >= 0x41 && byte <= 0x5A) {
            return "the field name \"\(name)\""
        }
        for byte in value.utf8 where byte == 0 || byte == 10 || byte == 13 {
            return "a control character in \(name)"
        }
        switch name {
        case "connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade":
            return "the connection's own field \(name)"
        case "te": return value == "trailers" ? nil : "te other than trailers"
        default: return nil
        }
    }

    /// Whether a block consists of one-byte references into the tables alone: then it changes no
    /// table, and the same bytes mean the same list until a block comes that does.
    static func isOnlyReferences(_ block: ByteBuffer) -> Bool {
        block.readableBytesView.allSatisfy { $0 > 0x80 && $0 < 0xFF }
    }
}
