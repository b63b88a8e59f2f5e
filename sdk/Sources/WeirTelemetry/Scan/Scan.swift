/// Checks a whole OTLP request in one pass over every byte, to the full depth, and counts.
///
/// After it, everything else in this module may rely on the structure: the bytes are a message of
/// the signal, with every length, tag and varint in order. Fields may stand in any order; unknown
/// fields are skipped. Strings that are not UTF-8 and ids of a wrong length are marked in the
/// summary, not thrown, because one bad record need not cost the sender the whole request.
///
/// A known field with a wrong wire type and a group are errors here, although some parsers skip
/// them: the OpenTelemetry Collector refuses the request for the first, so forwarding one inside
/// a merged batch would spoil the others in it.
///
/// - Throws: `WireError` for the first violation, with its offset and path.
public func scan(
    _ bytes: RawSpan, as signal: Signal, limits: ScanLimits = ScanLimits()
) throws(WireError) -> ScanSummary {
    let type = MessageType(requestOf: signal)
    let (summary, failure) = unsafe bytes.withUnsafeBytes { buffer in
        guard let base = buffer.baseAddress else { return (ScanSummary(), ScanFailure?.none) }
        var scanner = unsafe Scanner(
            base.assumingMemoryBound(to: UInt8.self), count: buffer.count, limits: limits)
        _ = scanner.run(type)
        return (scanner.summary, scanner.failure)
    }
    if let failure { throw WireError(failure, in: bytes, type: type) }
    return summary
}

/// The same for bytes in an array.
public func scan(
    _ bytes: [UInt8], as signal: Signal, limits: ScanLimits = ScanLimits()
) throws(WireError) -> ScanSummary {
    try unsafe scan(bytes.span.bytes, as: signal, limits: limits)
}
