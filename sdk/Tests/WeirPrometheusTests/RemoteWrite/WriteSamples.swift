import WeirPrometheus

/// One series as tests write it down, and as they get it back.
struct PlainSeries: Equatable, CustomStringConvertible {
    var labels: Labels
    var samples: [WireSample] = []
    var histograms: [NativeHistogram] = []
    var exemplars: [SentExemplar] = []

    init(_ labels: [String: String], _ samples: [WireSample] = []) {
        self.labels = Labels(labels.map { Label($0.key, $0.value) })
        self.samples = samples
    }

    static func == (left: PlainSeries, right: PlainSeries) -> Bool {
        "\(left)" == "\(right)"
    }

    /// With the bits of values, because NaNs differ.
    var description: String {
        let values = samples.map { "\($0.value.bitPattern)@\($0.timestamp)-\($0.start)" }
        return "\(labels) \(values) \(histograms.map(\.bits)) \(exemplars)"
    }
}

extension NativeHistogram {
    var bits: String {
        var copy = self
        copy.sum = 0
        return "\(sum.bitPattern) \(copy)"
    }
}

/// A request of these series.
func encode(
    _ message: RemoteWriteMessage, _ all: [PlainSeries], families: [MetricFamily] = [],
    type: MetricType? = nil
) -> [UInt8] {
    var encoder = RemoteWriteEncoder(message)
    var labels = SentLabels(message)
    for family in families { encoder.metadata(family) }
    for series in all {
        encoder.beginSeries(labels.insert(series.labels).number, in: labels)
        for sample in series.samples {
            encoder.sample(sample.value, at: sample.timestamp, start: sample.start)
        }
        for histogram in series.histograms {
            encoder.histogram(histogram.encoded(), start: histogram.start)
        }
        for exemplar in series.exemplars { encoder.exemplar(exemplar) }
        if let type {
            let help = labels.symbols.retain("What it is.")
            encoder.metadata(type, help: help, unit: 0, in: labels.symbols)
        }
        encoder.endSeries()
    }
    return encoder.finish()
}

/// What a reader finds in a request.
func decode(_ bytes: [UInt8], _ message: RemoteWriteMessage) throws -> [PlainSeries] {
    let span = unsafe bytes.span.bytes
    var reader = try RemoteWriteReader(span, as: message)
    var series = WireSeries()
    var all: [PlainSeries] = []
    func labels(_ list: [WireLabel]) -> Labels {
        Labels(list.map { Label(string(bytes, $0.name), string(bytes, $0.value)) })
    }
    while try reader.next(into: &series) {
        if let fault = series.fault { throw fault }
        var plain = PlainSeries([:], series.samples)
        plain.labels = labels(series.labels)
        plain.histograms = series.histograms
        plain.exemplars = series.exemplars.map {
            SentExemplar(labels: labels($0.labels), value: $0.value, timestamp: $0.timestamp)
        }
        all.append(plain)
    }
    return all
}

private func string(_ bytes: [UInt8], _ range: Range<Int>) -> String {
    String(decoding: bytes[range], as: UTF8.self)
}

/// What came in, as series again: the way through OTLP and back.
func throughOTLP(
    _ bytes: [UInt8], _ message: RemoteWriteMessage, families: FamilyMemory = FamilyMemory()
) throws -> (received: ReceivedWrite, series: [PlainSeries]) {
    let received = try unsafe receiveRemoteWrite(
        bytes.span.bytes, as: message, families: families)
    var found: [Labels: PlainSeries] = [:]
    var order: [Labels] = []
    func add(_ labels: Labels, _ change: (inout PlainSeries) -> Void) {
        if found[labels] == nil {
            order.append(labels)
            found[labels] = PlainSeries([:])
            found[labels]?.labels = labels
        }
        change(&found[labels]!)
    }
    let translator = SeriesTranslator<SeriesIdentity>(TranslationOptions())
    let left = unsafe translator.translate(
        received.request.span.bytes, now: 1, make: { $0 }
    ) { point, identity in
        let series = identity.series
        let time = Int64(point.timeUnixNano / 1_000_000)
        let start = identity.hasCreated ? Int64(point.startTimeUnixNano / 1_000_000) : 0
        if case .exponentialHistogram(let view) = point,
            var histogram = NativeHistogram(view, isGauge: identity.family.type == .gaugeHistogram)
        {
            histogram.start = start
            return add(series[0]) { $0.histograms.append(histogram) }
        }
        point.forEachSample { index, value in
            add(series[index]) {
                $0.samples.append(WireSample(value, at: time, start: start))
            }
        }
    }
    precondition(left == LeftOut())
    return (received, order.map { found[$0]! })
}
