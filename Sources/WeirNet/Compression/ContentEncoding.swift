/// The compressions that requests and answers may carry.
package enum ContentEncoding: String, Sendable, CaseIterable {
    case identity
    case gzip
    case zstd
    /// The zlib format, as RFC 9110 defines `deflate`; bare deflate is read too.
    case deflate
    /// Another name of the zlib format, which the Collector accepts.
    case zlib

    /// Reads a `Content-Encoding` or `grpc-encoding`; `nil` when it is none of ours.
    package init?(header: String?) {
        guard let header, !header.isEmpty else {
            self = .identity
            return
        }
        if let exact = ContentEncoding(rawValue: header) {
            self = exact
            return
        }
        switch header.lowercased() {
        case "gzip", "x-gzip": self = .gzip
        case let other:
            guard let known = ContentEncoding(rawValue: other) else { return nil }
            self = known
        }
    }

    /// What to list in `grpc-accept-encoding` and `Accept-Encoding`.
    static let accepted = "gzip,zstd,deflate"
}

/// Why a body could not be unpacked.
enum DecompressionError: Error, Equatable {
    case corrupt(ContentEncoding)
    case overLimit(Int)
}
