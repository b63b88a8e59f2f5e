import WeirJSON
import WeirSDK
import WeirTelemetry

/// The batch as one OTLP/JSON request, with the end of its line.
func jsonLine(_ batch: Batch) throws(WireError) -> [UInt8] {
    var line: [UInt8] = []
    line.reserveCapacity(batch.byteCount * 3)
    var writer = JSONWriter(appendingTo: line)
    if batch.partCount == 1 {
        try writeJSON(batch.part(0), as: batch.signal, to: &writer)
    } else {
        // Parts are merged by being joined: one request, and so one line.
        let bytes = batch.copyBytes()
        try unsafe writeJSON(bytes.span.bytes, as: batch.signal, to: &writer)
    }
    writer.newLine()
    return writer.bytes
}
