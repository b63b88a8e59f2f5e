import WeirTelemetry

extension SeriesCache {
    /// Keeps an exemplar of a text for the point that its sample becomes part of.
    mutating func noteExemplar(
        _ exemplar: TextReader.ExemplarText, of index: UInt32, in bytes: RawSpan
    ) {
        var name = ""
        var text = SeriesText(bytes.part(exemplar.labels))
        noteExemplar(
            text.decodeLabels(&name), exemplar.value,
            at: exemplar.timestamp.map(nanoseconds) ?? 0, of: index)
    }

    /// `time` is 0 if the exemplar has none of its own.
    mutating func noteExemplar(
        _ labels: [Label], _ value: Double, at time: Int64, of index: UInt32
    ) {
        // OpenMetrics' limit; Prometheus drops what is beyond it, too.
        let length = labels.reduce(0) {
            $0 + $1.name.unicodeScalars.count + $1.value.unicodeScalars.count
        }
        guard length <= 128, time >= 0 else {
            result.exemplarsDropped += 1
            return
        }
        let start = scratch.count
        if time > 0 { scratch.appendField(2, fixed64: UInt64(time)) }
        scratch.appendField(3, fixed64: value.bitPattern)
        for label in labels {
            if label.name == "span_id", let id = exemplarID(hex: label.value.utf8, count: 8) {
                scratch.appendField(4, id)
            } else if label.name == "trace_id",
                let id = exemplarID(hex: label.value.utf8, count: 16)
            {
                scratch.appendField(5, id)
            } else {
                scratch.appendMessage(7) {
                    Attribute(label.name, .string(label.value)).append(to: &$0)
                }
            }
        }
        details[index, default: SampleDetail()].exemplars.append(start..<scratch.count)
        series[Int(index)].flags.insert(.hasDetail)
    }
}
