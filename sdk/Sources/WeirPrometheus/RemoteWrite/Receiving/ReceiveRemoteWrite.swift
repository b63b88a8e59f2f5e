import WeirTelemetry

/// Turns a request of remote write into an OTLP request.
///
/// Series are grouped by `job` and `instance` into resources; all other labels are attributes of
/// points. Series of a classic histogram or summary that stand together in the request, at one
/// moment, become one point; what is not whole stays as it came, series by series. Types come from
/// metadata, of 1.0 as remembered in `families`, or are guessed from names.
///
/// Series that are wrong are left out and counted. Series of a request stand together that are less
/// than 50,000 apart.
///
/// - Throws: if the bytes are no such message; then nothing of it is taken.
public func receiveRemoteWrite(
    _ bytes: RawSpan, as message: RemoteWriteMessage, families: FamilyMemory
) throws(RemoteWriteError) -> ReceivedWrite {
    var reader = try RemoteWriteReader(bytes, as: message)
    for entry in reader.metadata {
        guard !entry.family.isEmpty, let type = entry.type else { continue }
        families.remember(
            UTF8Text(bytes.extracting(entry.family)).string,
            FamilyMemory.Family(
                type: type, help: UTF8Text(bytes.extracting(entry.help)).string,
                unit: UTF8Text(bytes.extracting(entry.unit)).string))
    }
    var list = SeriesList()
    var received = ReceivedWrite()
    var isMore = true
    while isMore {
        isMore = try list.fill(&reader)
        let metrics = ReceivedMetrics(list, bytes, families: families)
        var writer = RequestWriter(bytes, list, after: received.request)
        received.request = []
        try writer.write(metrics)
        received.request = writer.bytes
        received.items += writer.items
        received.samples += list.samples.count
        received.histograms += list.histograms.count
        received.exemplars += writer.points.exemplars
        received.lostExemplars += list.exemplars.count - writer.points.exemplars
    }
    received.lostExemplars += list.longExemplars
    received.rejected = list.rejected
    received.complaint = list.complaint
    return received
}
