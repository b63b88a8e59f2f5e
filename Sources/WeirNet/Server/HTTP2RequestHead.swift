import NIOCore
import NIOHPACK

/// What a server needs of a request's header, read in one pass.
struct HTTP2RequestHead {
    var method = ""
    var path = ""
    var query: String?
    var contentType = ""
    var contentLength: Int?
    var contentEncoding: String?
    var grpcEncoding: String?

    init(_ headers: HPACKHeaders) {
        for field in headers {
            switch field.name {
            case ":method": method = field.value
            case ":path": (path, query) = Self.split(field.value)
            case "content-type": contentType = field.value
            case "content-length": contentLength = Self.length(field.value)
            case "content-encoding": contentEncoding = field.value
            case "grpc-encoding": grpcEncoding = field.value
            default: break
            }
        }
    }

    var isGRPC: Bool { Self.isGRPC(contentType) }

    /// `application/grpc`, alone or with a message format or a parameter; gRPC-Web is another
    /// protocol.
    static func isGRPC(_ contentType: String) -> Bool {
        if contentType == "application/grpc" { return true }
        return contentType.hasPrefix("application/grpc+")
            || contentType.hasPrefix("application/grpc;")
    }

    /// Digits alone; what is no length counts as 0, which any body then exceeds.
    private static func length(_ text: String) -> Int {
        let isDigits = text.utf8.allSatisfy { $0 >= 0x30 && $0 <= 0x39 }
        return isDigits ? Int(text) ?? 0 : 0
    }

    static func split(_ target: String) -> (path: String, query: String?) {
        guard let mark = target.utf8.firstIndex(of: UInt8(ascii: "?")) else { return (target, nil) }
        return (String(target[..<mark]), String(target[target.utf8.index(after: mark)...]))
    }
}
