// One libFuzzer target for everything that reads bytes from strangers. The first byte selects what
// is done with the rest: its low two bits the signal, the next three the task.
//
// To build and run it, from sdk/ (every source is instrumented, so the modules are made anew):
//
//     F="-O -wmo -parse-as-library -sanitize=fuzzer -package-name weir-sdk -swift-version 6
//        -enable-experimental-feature Lifetimes -I build"
//     mkdir -p build
//     for M in WeirJSON WeirTelemetry; do
//         swiftc $F -module-name $M -emit-module -emit-module-path build/$M.swiftmodule \
//             -c $(find Sources/$M -name '*.swift') -o build/$M.o
//     done
//     swiftc $F Fuzz/FuzzTelemetry.swift build/WeirJSON.o build/WeirTelemetry.o -o build/fuzz
//     mkdir -p build/corpus && build/fuzz -max_total_time=120 build/corpus Fuzz/corpus

import WeirJSON
import WeirTelemetry

@c(LLVMFuzzerTestOneInput)
public func fuzzOne(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let start, count > 0 else { return 0 }
    // A copy of the exact size, so that one byte too far is seen.
    let bytes = Array(UnsafeBufferPointer(start: start + 1, count: count - 1))
    let signal = Signal(rawValue: UInt32(start[0] & 3)) ?? .traces
    switch start[0] >> 2 & 7 {
    case 0, 1: fuzzScan(bytes, signal)
    case 2: fuzzJSON(bytes)
    case 3: fuzzJSONRequest(bytes, signal)
    case 4: fuzzEdit(bytes, signal, .resource)
    case 5: fuzzEdit(bytes, signal, .scope)
    default: fuzzEdit(bytes, signal, .record)
    }
    return 0
}

/// What is taken can be read by everything; what is taken and cleaned is clean.
private func fuzzScan(_ bytes: [UInt8], _ signal: Signal) {
    let summary: ScanSummary
    do throws(WireError) {
        summary = try scan(bytes, as: signal)
    } catch {
        precondition(error.offset <= bytes.count)
        return
    }
    let span = bytes.span.bytes
    let removal = try! removeInvalidRecords(span, as: signal)
    precondition(removal.rewrite.isUnchanged == !summary.hasInvalidRecords)
    let clean = try! scan(removal.rewrite.bytes(from: span), as: signal)
    precondition(clean.items + removal.removedItems == summary.items)
    precondition(!clean.hasInvalidRecords)
    let text = try! json(span, as: signal)
    precondition((try? JSONValue(parsing: text)) != nil)
    if !summary.hasInvalidID {
        let back = try! protobuf(fromJSON: text, as: signal)
        precondition(try! json(back.span.bytes, as: signal) == text)
    }
    walk(span)
}

private func fuzzJSON(_ bytes: [UInt8]) {
    guard let value = try? JSONValue(parsing: bytes) else { return }
    precondition((try? JSONValue(parsing: value.serialized())) == value)
    precondition((try? JSONValue(parsing: value.serialized(pretty: true))) == value)
}

private func fuzzJSONRequest(_ bytes: [UInt8], _ signal: Signal) {
    guard let request = try? protobuf(fromJSON: bytes, as: signal) else { return }
    let summary = try! scan(request, as: signal)
    precondition(!summary.hasInvalidRecords && !summary.hasUnknownFields)
}

private func fuzzEdit(_ bytes: [UInt8], _ signal: Signal, _ level: AttributeEditor.Level) {
    let span = bytes.span.bytes
    var editor = AttributeEditor(
        [
            AttributeEdit("a", .upsert(.value("new"))), AttributeEdit("b", .rename(to: "c")),
            AttributeEdit("d", .insert(.attribute("a"))), AttributeEdit("c", .delete),
            AttributeEdit("service.name", .hash { "\($0.byteCount)" }),
            AttributeEdit("", .deleteWhere { $0.bytes.byteCount > 40 }),
            AttributeEdit("e", .transform { AttributeValue($0) }),
        ], of: level, in: signal)
    // Bytes that no scan has seen must be safe too, if not sensible.
    let edited = try? editor.edit(span)
    guard let summary = try? scan(bytes, as: signal) else { return }
    guard let edited else { return walk(span) }
    let after = try! scan(edited, as: signal)
    precondition(after.items == summary.items && after.resources == summary.resources)
    // A second time there is nothing left to do, but for the hash.
    walk(edited.span.bytes)
}

private func walk(_ bytes: RawSpan) {
    var groups = RequestView(bytes).resources
    while let group = groups.next() {
        walk(group.resource.attributes)
        var scopes = group.scopes
        while let scope = scopes.next() {
            walk(scope.scope.attributes)
            var spans = scope.spans
            while let span = spans.next() {
                walk(span.attributes)
                var events = span.events
                while let event = events.next() { walk(event.attributes) }
            }
            var records = scope.logRecords
            while let record = records.next() { walk(record.attributes) }
            var metrics = scope.metrics
            while let metric = metrics.next() { walk(metric) }
        }
    }
}

private func walk(_ metric: MetricView) {
    switch metric.data {
    case .none: break
    case .gauge(var points), .sum(var points):
        while let point = points.next() { walk(point.attributes) }
    case .histogram(var points):
        while let point = points.next() {
            walk(point.attributes)
            var counts = point.bucketCounts
            while counts.next() != nil {}
        }
    case .exponentialHistogram(var points):
        while let point = points.next() {
            walk(point.attributes)
            var counts = point.positive.bucketCounts
            while counts.next() != nil {}
        }
    case .summary(var points):
        while let point = points.next() { walk(point.attributes) }
    }
}

private func walk(_ attributes: Repeated<KeyValueView>) {
    var attributes = attributes
    while let attribute = attributes.next() { _ = AttributeValue(attribute.value) }
}
