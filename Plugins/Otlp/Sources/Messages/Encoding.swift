/// How OTLP over HTTP writes messages.
enum Encoding: String, Sendable, Decodable {
    case proto
    case json

    var contentType: String {
        switch self {
        case .proto: "application/x-protobuf"
        case .json: "application/json"
        }
    }

    /// The encoding that a content type names; parameters such as `charset` do not matter.
    init?(contentType: RawSpan) {
        if contentType.names(Encoding.protoType) {
            self = .proto
        } else if contentType.names(Encoding.jsonType) {
            self = .json
        } else {
            return nil
        }
    }

    /// The same for a text.
    init?(contentType: String) {
        var text = contentType
        let found = text.withUTF8 { unsafe Encoding(contentType: $0.span.bytes) }
        guard let found else { return nil }
        self = found
    }

    private static let protoType = Array("application/x-protobuf".utf8)
    private static let jsonType = Array("application/json".utf8)
}

extension RawSpan {
    /// Whether this is that media type (RFC 9110, 8.3.1: case does not matter), or begins with it
    /// and a parameter follows. `type` is in lower case.
    fileprivate func names(_ type: [UInt8]) -> Bool {
        unsafe withUnsafeBytes { bytes in
            guard bytes.count >= type.count else { return false }
            for index in 0..<type.count {
                let byte = unsafe bytes[index]
                let isUpper = byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z")
                guard (isUpper ? byte | 0x20 : byte) == type[index] else { return false }
            }
            guard bytes.count > type.count else { return true }
            let next = unsafe bytes[type.count]
            return next == UInt8(ascii: ";") || next == UInt8(ascii: " ")
        }
    }
}
