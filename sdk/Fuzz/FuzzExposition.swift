// A libFuzzer target for expositions: text, OpenMetrics and protobuf, read twice by one assembler, so
// that the way for known lines is taken as well as that for new ones. The low two bits of the first
// byte select the format; the next ones where the rest is cut in two, the second scrape.

import Glibc
import WeirPrometheus
import WeirTelemetry

@c(LLVMFuzzerTestOneInput)
public func fuzzOne(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let start, count > 1 else { return 0 }
    // Copies of the exact size, so that one byte too far is seen.
    let cut = 2 + Int(start[1]) * (count - 2) / 255
    let first = Array(UnsafeBufferPointer(start: start + 2, count: cut - 2))
    let second = Array(UnsafeBufferPointer(start: start + cut, count: count - cut))
    let contentType =
        switch start[0] & 3 {
        case 0, 1: "text/plain"
        case 2: "application/openmetrics-text"
        default: "application/vnd.google.protobuf"
        }
    var options = AssemblyOptions()
    options.nativeHistogramBucketLimit = start[0] & 4 == 0 ? 0 : 3
    options.alwaysScrapeClassicHistograms = start[0] & 8 == 0
    options.trackTimestampsStaleness = start[0] & 16 == 0
    options.sampleLimit = start[0] & 32 == 0 ? 0 : 5
    let drops = start[0] & 64 != 0
    let assembler = ScrapeAssembler(options: options) { labels in
        var labels = labels
        labels["job"] = "fuzz"
        return drops && labels["le"] == "+Inf" ? nil : labels
    }
    var time: UInt64 = 1_000_000_000_000
    // The same one again and again, with and without something else in between: a whole scrape and
    // the state that a failed one leaves behind.
    for body in [first, first, second, first, first + second, second, []] {
        time += 15_000_000_000
        read(body, contentType, assembler, at: time)
    }
    check(assembler.markAllStale(at: time + 1).request)
    return 0
}

private func read(
    _ body: [UInt8], _ contentType: String, _ assembler: ScrapeAssembler, at time: UInt64
) {
    let span = body.span
    do throws(ExpositionError) {
        let scrape = try assembler.read(span.bytes, contentType: contentType, at: time)
        precondition(check(scrape.request) == scrape.items)
        precondition(scrape.samplesAfterRelabel <= scrape.samplesScraped)
        // What is read again is known, and not new.
        let again = try assembler.read(span.bytes, contentType: contentType, at: time + 1)
        precondition(again.seriesAdded == 0)
        precondition(check(again.request) == again.items)
    } catch {
        precondition(error.offset <= body.count && !error.message.isEmpty)
        check(assembler.markAllStale(at: time).request)
    }
}

/// What is passed on is OTLP that a receiver takes, nothing of which has to be removed.
@discardableResult
private func check(_ request: [UInt8]) -> Int {
    let summary = try! scan(request, as: .metrics)
    precondition(!summary.hasInvalidRecords && !summary.hasUnknownFields)
    return summary.items
}
