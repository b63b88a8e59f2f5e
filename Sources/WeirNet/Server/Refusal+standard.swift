/// The refusals that the server itself makes.
extension Refusal {
    static func tooLarge(_ found: Int, limit: Int) -> Refusal {
        Refusal(
            httpStatus: 413, code: .resourceExhausted,
            message:
                "the request body has \(found) bytes or more: the limit is \(limit); send smaller batches or raise max_request_body_size (HTTP) or max_recv_msg_size_mib (gRPC)",
            reason: "too_large")
    }

    static func unknownEncoding(_ name: String, isGRPC: Bool) -> Refusal {
        let (header, known) =
            isGRPC
            ? ("grpc-encoding", "gzip, zstd, deflate")
            : ("content-encoding", "gzip, zstd, deflate, snappy")
        return Refusal(
            httpStatus: 415, code: .unimplemented,
            message: "\(header) \"\(name.prefix(40))\" is not known: use \(known) or none",
            reason: "unknown_encoding")
    }

    static func slowBody(_ bytes: Int, seconds: Int64) -> Refusal {
        Refusal(
            httpStatus: 408, code: .deadlineExceeded,
            message: "the request body came too slowly: \(bytes) bytes within \(seconds) s",
            reason: "too_slow")
    }

    init(_ error: DecompressionError) {
        switch error {
        case .corrupt(let encoding):
            let advice = encoding == .snappy ? ", or not in the block format" : ""
            self.init(
                httpStatus: 400, code: .internal,
                message:
                    "the body is not valid \(encoding.rawValue): it is cut short or damaged\(advice)",
                reason: "damaged")
        case .overLimit(let limit):
            self.init(
                httpStatus: 413, code: .resourceExhausted,
                message:
                    "the body unpacks to more than \(limit) bytes: send smaller batches or raise max_decompressed_body_size (HTTP) or max_recv_msg_size_mib (gRPC)",
                reason: "too_large")
        }
    }
}

extension DecompressionError {
    var isOverLimit: Bool {
        if case .overLimit = self { return true }
        return false
    }
}
