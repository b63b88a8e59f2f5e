package import WeirSDK
import WeirTelemetry

/// The text of one batch: a line with counts, then, if more is asked for, its records.
package struct DebugText {
    package private(set) var bytes: [UInt8]

    package init(_ batch: Batch, _ verbosity: Verbosity) {
        var body = TextWriter()
        var counts = Counts()
        for index in 0..<batch.partCount {
            let request = RequestView(batch.part(index))
            let firstResource = counts.resources
            counts.add(request, batch.signal)
            switch (verbosity, batch.signal) {
            case (.basic, _): break
            case (.normal, let signal):
                body.writeNormal(request, signal, firstResource: firstResource)
            case (.detailed, .traces): body.writeTraces(request, firstResource: firstResource)
            case (.detailed, .metrics): body.writeMetrics(request, firstResource: firstResource)
            case (.detailed, .logs): body.writeLogs(request, firstResource: firstResource)
            }
        }
        bytes = Array(counts.line(batch.signal, items: batch.items).utf8)
        bytes.append(contentsOf: body.bytes)
    }

    /// The lines, without their ends.
    var lines: [ArraySlice<UInt8>] {
        var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        return lines
    }
}

/// What the line with counts says beside the number of items.
private struct Counts {
    var resources = 0
    var metrics = 0

    mutating func add(_ request: borrowing RequestView, _ signal: Signal) {
        resources += request.resources.count()
        guard signal == .metrics else { return }
        var groups = request.resources
        while let group = groups.next() {
            var scopes = group.scopes
            while let scope = scopes.next() { metrics += scope.metrics.count() }
        }
    }

    func line(_ signal: Signal, items: Int) -> String {
        switch signal {
        case .traces: "Traces: resource spans \(resources), spans \(items)\n"
        case .metrics:
            "Metrics: resource metrics \(resources), metrics \(metrics), data points \(items)\n"
        case .logs: "Logs: resource logs \(resources), log records \(items)\n"
        }
    }
}
