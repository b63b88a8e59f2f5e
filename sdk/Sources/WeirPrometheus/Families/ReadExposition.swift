import WeirTelemetry

/// What a whole exposition says, for those who look at its families; a scraper that only passes
/// series on uses ``ScrapeAssembler``.
public struct ReadExposition: Sendable {
    /// In the order in which their first sample came.
    public var families: [ReadFamily]
    /// Lines that follow the rules of no text format, and samples that do not fit their family.
    public var skipped: Int
    /// Why the first of these lines was skipped.
    public var firstFault: ExpositionError?

    public subscript(name: String) -> ReadFamily? { families.first { $0.name == name } }
}

/// Reads an exposition into families.
///
/// It is as tolerant as expositions need it that are several put together (Istio's merged port): a
/// family may come twice, with or without its type; `# EOF` may stand in the middle; a line of
/// OpenMetrics may stand in Prometheus' text and the other way round; a line that is neither is
/// skipped and counted. Of a series that comes twice the first counts, as in Prometheus.
///
/// - Parameters:
///   - contentType: the answer's; one that is not known, or none, is taken for Prometheus' text.
///   - types: the types of families for which the exposition names none.
///   - wanted: what the names of families begin with that somebody will ask for; `nil`: any. Others
///     may be left out, which saves most of the memory for an exposition of many. Those of protobuf are
///     all there.
/// - Throws: where there is something and nothing of it can be read, or for malformed protobuf.
public func readFamilies(
    _ bytes: [UInt8], contentType: String, types: [String: MetricType] = [:],
    wanted: [String]? = nil
) throws(ExpositionError) -> ReadExposition {
    var format = ExpositionFormat(contentType: contentType) ?? .text
    var gathering = SampleGathering(wanted: wanted)
    var firstFault: ExpositionError?
    if format == .protobuf {
        try gathering.takeProtobuf(bytes)
        format = .text
    } else {
        firstFault = gathering.takeText(bytes, openMetrics: format == .openMetrics)
    }
    if let firstFault, gathering.isEmpty { throw firstFault }
    var assembly = FamilyAssembly(gathering.metadata, types)
    for sample in gathering.samples { assembly.add(sample) }
    return ReadExposition(
        families: gathering.whole + assembly.finish(),
        skipped: gathering.skipped + assembly.skipped, firstFault: firstFault)
}
