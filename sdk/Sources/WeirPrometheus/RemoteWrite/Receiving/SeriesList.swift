import WeirTelemetry

/// Valid series of a request, decoded; texts are places in the request.
///
/// Decoded, a series of a few bytes takes hundreds, so a large request is read in several parts.
struct SeriesList {
    struct Entry {
        var labels: Range<Int>
        var samples: Range<Int>
        var histograms: Range<Int>
        var exemplars: Range<Int>
        var name: Range<Int>
        /// Of these labels the values; empty if there is none.
        var job = 0..<0
        var instance = 0..<0
        var bound: Range<Int>?
        var quantile: Range<Int>?
        var metadata: WireMetadata?
    }

    private(set) var entries: [Entry] = []
    /// Without `__name__`, `job`, `instance` and those without a value.
    private(set) var labels: [WireLabel] = []
    private(set) var samples: [WireSample] = []
    private(set) var histograms: [NativeHistogram] = []
    private(set) var exemplars: [WireExemplar] = []
    /// Of all parts.
    private(set) var rejected = 0
    private(set) var complaint: String?
    /// Exemplars that were left out for the length of their labels.
    private(set) var longExemplars = 0
    /// At most how many bytes of OTLP the series make that were read so far.
    private var expanded = 0

    /// More than senders put into a request, so that what belongs together is in one part.
    private static let enough = 50_000

    /// What a request may become: texts that it refers to many times and gaps in histograms could
    /// make it very much larger than it came.
    static func outputLimit(_ request: RawSpan) -> Int { (64 << 20) + 16 * request.byteCount }

    /// Reads the next part, in the place of the one before; `false` if it is the last.
    mutating func fill(_ reader: inout RemoteWriteReader) throws(RemoteWriteError) -> Bool {
        entries.removeAll(keepingCapacity: true)
        labels.removeAll(keepingCapacity: true)
        samples.removeAll(keepingCapacity: true)
        histograms.removeAll(keepingCapacity: true)
        exemplars.removeAll(keepingCapacity: true)
        var series = WireSeries()
        while entries.count + samples.count + histograms.count + exemplars.count < 4 * Self.enough,
            entries.count < Self.enough
        {
            guard try reader.next(into: &series) else { return false }
            // Labels alone say nothing, and would take much more memory than they came in.
            let count = series.samples.count + series.histograms.count
            if count == 0, series.exemplars.isEmpty, series.fault != .tooDense { continue }
            try expect(series, reader.bytes)
            do throws(SeriesFault) {
                try add(series, reader.bytes)
            } catch {
                let least = series.fault == .tooDense ? 1 : 0
                reject(max(count, least), error, series, reader.bytes)
            }
        }
        return true
    }

    /// Adds what a series will become, before any time is spent on its texts.
    private mutating func expect(
        _ series: WireSeries, _ bytes: RawSpan
    ) throws(RemoteWriteError) {
        let limit = Self.outputLimit(bytes)
        func size(_ labels: [WireLabel]) -> Int {
            labels.reduce(0) { $0 + $1.name.count + $1.value.count + 8 }
        }
        let own = size(series.labels) + (series.metadata?.help.count ?? 0)
        let points = max(1, series.samples.count + series.histograms.count)
        var more = min(own, limit + 1) * points
        for exemplar in series.exemplars { more += size(exemplar.labels) }
        for histogram in series.histograms {
            more += histogram.positive.width + histogram.negative.width
        }
        expanded += more
        guard expanded <= limit else {
            throw RemoteWriteError(
                offset: series.offset, place: "timeseries",
                found: "series that make more than \(limit) bytes of OTLP",
                expected: "fewer samples of long labels, or denser native histograms, in a request")
        }
    }

    private mutating func add(_ series: WireSeries, _ bytes: RawSpan) throws(SeriesFault) {
        if let fault = series.fault { throw fault }
        try checkLabels(series.labels, bytes)
        var entry = Entry(
            labels: 0..<0, samples: 0..<0, histograms: 0..<0, exemplars: 0..<0, name: 0..<0,
            metadata: series.metadata)
        let firstLabel = labels.count
        for label in series.labels where !label.value.isEmpty {
            let name = bytes.extracting(label.name)
            switch true {
            case name.isText("__name__"): entry.name = label.value
            case name.isText("job"): entry.job = label.value
            case name.isText("instance"): entry.instance = label.value
            default:
                if name.isText("le") { entry.bound = label.value }
                if name.isText("quantile") { entry.quantile = label.value }
                labels.append(label)
            }
        }
        entry.labels = firstLabel..<labels.count
        guard !entry.name.isEmpty else {
            labels.removeSubrange(entry.labels)
            throw .withoutName
        }
        let (firstSample, firstHistogram) = (samples.count, histograms.count)
        for sample in series.samples {
            guard isTimestamp(sample.timestamp), isTimestamp(sample.start) else {
                reject(1, .badTimestamp(sample.timestamp), series, bytes)
                continue
            }
            samples.append(sample)
        }
        for histogram in series.histograms {
            do throws(SeriesFault) {
                histograms.append(try histogram.checked())
            } catch {
                reject(1, error, series, bytes)
            }
        }
        entry.samples = firstSample..<samples.count
        entry.histograms = firstHistogram..<histograms.count
        let firstExemplar = exemplars.count
        for exemplar in series.exemplars
        where isTimestamp(exemplar.timestamp) && areTexts(exemplar.labels, bytes) {
            if areShort(exemplar.labels, bytes) {
                exemplars.append(exemplar)
            } else {
                longExemplars += 1
            }
        }
        entry.exemplars = firstExemplar..<exemplars.count
        entries.append(entry)
    }

    private mutating func reject(
        _ count: Int, _ fault: SeriesFault, _ series: WireSeries, _ bytes: RawSpan
    ) {
        rejected += count
        guard complaint == nil else { return }
        let labels = series.labels.prefix(12).map { label in
            "\(bytes.extracting(label.name).shortText)=\"\(bytes.extracting(label.value).shortText)\""
        }
        complaint = "\(fault) in the series {\(labels.joined(separator: ", "))}"
    }
}

/// From 1970 to the last second that OTLP's nanoseconds, read as signed, can say.
func isTimestamp(_ milliseconds: Int64) -> Bool {
    milliseconds >= 0 && milliseconds <= 9_223_372_036_000
}

private func areTexts(_ labels: [WireLabel], _ bytes: RawSpan) -> Bool {
    labels.allSatisfy {
        isText($0.name, bytes) && isText($0.value, bytes)
    }
}

/// Whether labels of an exemplar are what Prometheus, too, takes.
private func areShort(_ labels: [WireLabel], _ bytes: RawSpan) -> Bool {
    let limit = SentExemplar.labelLimit
    // A character has at most four bytes.
    let size = labels.reduce(0) { $0 + $1.name.count + $1.value.count }
    guard size > limit else { return true }
    guard size <= 4 * limit else { return false }
    let characters = labels.reduce(0) {
        $0 + UTF8Text(bytes.extracting($1.name)).string.unicodeScalars.count
            + UTF8Text(bytes.extracting($1.value)).string.unicodeScalars.count
    }
    return characters <= limit
}

private func isText(_ range: Range<Int>, _ bytes: RawSpan) -> Bool {
    unsafe bytes.extracting(range).withUnsafeBytes { unsafe isUTF8($0) }
}

private func checkLabels(_ labels: [WireLabel], _ bytes: RawSpan) throws(SeriesFault) {
    var isSorted = true
    for (index, label) in labels.enumerated() {
        guard !label.name.isEmpty else { throw .emptyLabelName }
        guard isText(label.name, bytes), isText(label.value, bytes) else { throw .notUTF8 }
        guard index > 0, isSorted else { continue }
        let before = bytes.extracting(labels[index - 1].name)
        isSorted = before.precedes(bytes.extracting(label.name))
    }
    // Senders have to sort; those that do not are understood, but looked at more closely.
    guard !isSorted else { return }
    let sorted = labels.sorted { bytes.extracting($0.name).precedes(bytes.extracting($1.name)) }
    for (label, next) in zip(sorted, sorted.dropFirst()) {
        let name = bytes.extracting(label.name)
        guard name.hasSameBytes(as: bytes.extracting(next.name)) else { continue }
        throw .duplicateLabel(name.shortText)
    }
}

extension RawSpan {
    func isText(_ text: StaticString) -> Bool { UTF8Text(self) == text }

    /// The beginning, for messages.
    var shortText: String {
        byteCount <= 100 ? UTF8Text(self).string : UTF8Text(extracting(first: 100)).string + "…"
    }

    func precedes(_ other: RawSpan) -> Bool {
        unsafe withUnsafeBytes { bytes in
            unsafe other.withUnsafeBytes { unsafe bytes.lexicographicallyPrecedes($0) }
        }
    }
}
