import NIOCore

extension ServerExchange {
    /// Answers below this are not worth packing: they fit into one packet as they are.
    private static let packedFrom = 1400

    /// The body with gzip, and the fields that say so, if the client takes it and the body is of a
    /// size that is worth it. It is packed on the thread that answers, not on an event loop if the
    /// answer was made elsewhere.
    func packed(
        _ body: ByteBuffer?, status: Int, _ headers: [(String, String)]
    ) -> (body: ByteBuffer?, headers: [(String, String)]) {
        guard status == 200, let body, body.readableBytes >= Self.packedFrom,
            acceptsGzip(header("accept-encoding") ?? ""),
            !headers.contains(where: { $0.0.lowercased() == "content-encoding" })
        else { return (body, headers) }
        let packed = Compressor().compress([body], encoding: .gzip)
        return (
            packed, headers + [("content-encoding", "gzip"), ("vary", "accept-encoding")]
        )
    }
}

/// Whether an Accept-Encoding names gzip, and not with the quality 0.
func acceptsGzip(_ field: String) -> Bool {
    for item in field.split(separator: ",") {
        let parts = item.split(separator: ";").map { part in
            String(part.filter { $0 != " " && $0 != "\t" }).lowercased()
        }
        guard parts.first == "gzip" || parts.first == "x-gzip" else { continue }
        let quality = parts.dropFirst().first { $0.hasPrefix("q=") }.map { $0.dropFirst(2) }
        return quality.map { (Double($0) ?? 0) > 0 } ?? true
    }
    return false
}
