/// The compressions that requests and answers may carry.
package enum ContentEncoding: String, Sendable, CaseIterable {
    case identity
    case gzip
    case zstd
    /// The zlib format, as RFC 9110 defines `deflate`; bare deflate is read too.
    case deflate
    /// Another name of the zlib format, which the Collector accepts.
    case zlib
    /// Snappy's block format, as Prometheus' remote write uses it. gRPC has another meaning for the
    /// name, the framed format, which is not read.
    case snappy

    /// Reads a `Content-Encoding`; `nil` when it is none of ours.
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

    /// Reads a `grpc-encoding`; `nil` when it is none of ours.
    init?(grpcHeader: String?) {
        self.init(header: grpcHeader)
        if self == .snappy { return nil }
    }

    /// What to list in `grpc-accept-encoding` and `Accept-Encoding`.
    static let accepted = "gzip,zstd,deflate"
}

/// Why a body could not be unpacked.
enum DecompressionError: Error, Equatable {
    case corrupt(ContentEncoding)
    case overLimit(Int)
}
