// A libFuzzer target for remote write, which anyone who reaches the receiver's port can send. The
// first byte selects the message; the rest is the body, uncompressed.
//
// `make fuzz` builds it and runs it.

import WeirPrometheus
import WeirTelemetry

@c(LLVMFuzzerTestOneInput)
public func fuzzOne(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let start, count > 0 else { return 0 }
    // A copy of the exact size, so that one byte too far is seen.
    let bytes = Array(UnsafeBufferPointer(start: start + 1, count: count - 1))
    fuzz(bytes, start[0] & 1 == 0 ? .v1 : .v2)
    return 0
}

/// What is taken is an OTLP request that everything downstream can rely on, and that can be
/// translated back.
private func fuzz(_ bytes: [UInt8], _ message: RemoteWriteMessage) {
    let received: ReceivedWrite
    do throws(RemoteWriteError) {
        received = try receiveRemoteWrite(
            bytes.span.bytes, as: message, families: FamilyMemory())
    } catch {
        precondition(error.offset <= bytes.count)
        return
    }
    let summary = try! scan(received.request, as: .metrics)
    precondition(summary.items == received.items)
    precondition(!summary.hasInvalidRecords && !summary.hasUnknownFields)
    var samples = 0
    let translator = SeriesTranslator<[Labels]>(TranslationOptions())
    let left = translator.translate(
        received.request.span.bytes, now: 1, make: { $0.series }
    ) { point, series in
        if case .exponentialHistogram(let view) = point {
            precondition(NativeHistogram(view, isGauge: false) != nil)
            samples += 1
            return
        }
        point.forEachSample { index, _ in
            precondition(index < series.count)
            samples += 1
        }
    }
    precondition(left.total == 0)
    // Custom native histograms come back as classic ones, which have more samples.
    precondition(samples >= received.samples + received.histograms)
}
