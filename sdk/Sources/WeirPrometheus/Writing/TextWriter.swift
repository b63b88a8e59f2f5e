/// Writes families in Prometheus' text format or in OpenMetrics.
struct TextWriter {
    struct Format {
        var isOpenMetrics: Bool
        var escaping: NameEscaping
        var writesTimestamps: Bool
        /// The names of all families, which one of OpenMetrics may not take by losing its suffix.
        var names: Set<String>
    }

    let format: Format
    private(set) var bytes: [UInt8] = []

    init(_ format: Format) { self.format = format }

    mutating func write(_ family: ExpositionFamily) {
        guard !family.points.isEmpty else { return }
        let names = FamilyNames(family, format)
        writeHead(names, help: family.family.help)
        if names.isSplit {
            for part in [Part.buckets, .sum, .count] {
                for point in family.points { write(point, names, part) }
            }
            return
        }
        let classic = family.classicLabelsBesideNative
        for point in family.points {
            if case .native = point.value, classic.contains(point.series.labels) { continue }
            write(point, names, nil)
            writeCreated(point, names)
        }
    }

    /// Ends the exposition.
    mutating func finish() -> [UInt8] {
        if format.isOpenMetrics { bytes.append(contentsOf: "# EOF\n".utf8) }
        defer { bytes = [] }
        return bytes
    }

    private mutating func writeHead(_ names: FamilyNames, help: String) {
        func begin(_ word: StaticString, _ bytes: inout [UInt8]) {
            bytes.append(contentsOf: word.description.utf8)
            bytes.append(contentsOf: names.family)
            bytes.append(UInt8(ascii: " "))
        }
        if !help.isEmpty {
            begin("# HELP ", &bytes)
            bytes.appendEscaped(help, quotes: format.isOpenMetrics)
            bytes.append(UInt8(ascii: "\n"))
        }
        if let type = names.type {
            begin("# TYPE ", &bytes)
            bytes.append(contentsOf: type.utf8)
            bytes.append(UInt8(ascii: "\n"))
        }
        if let unit = names.unit {
            begin("# UNIT ", &bytes)
            bytes.append(contentsOf: unit.utf8)
            bytes.append(UInt8(ascii: "\n"))
        }
    }

    // MARK: Points

    private enum Part { case buckets, sum, count }

    /// Writes a point, or one part of it.
    private mutating func write(_ point: ExpositionPoint, _ names: FamilyNames, _ part: Part?) {
        func wants(_ other: Part) -> Bool { part == nil || part == other }
        switch point.value {
        case .number(let value):
            begin(names.value, point)
            end(value, point, names.hasExemplars ? point.exemplars.last : nil)
        case .histogram(let count, let sum, let counts):
            if wants(.buckets) { writeBuckets(point, names, count: count, counts: counts) }
            if let sum, wants(.sum) { write(sum, names.sum, point) }
            if wants(.count) { write(Double(count), names.count, point) }
        case .native(let histogram):
            if wants(.buckets) {
                for bucket in histogram.classicBuckets() {
                    begin(names.bucket, point, "le", Array(canonicalFloat(bucket.bound).utf8))
                    end(bucket.cumulated, point, nil)
                }
            }
            if wants(.sum) { write(histogram.sum, names.sum, point) }
            if wants(.count) { write(histogram.count.double, names.count, point) }
        case .summary(let count, let sum, let quantiles):
            for pair in quantiles {
                let text = Array(canonicalFloat(pair.quantile).utf8)
                begin(names.value, point, "quantile", text)
                end(pair.value, point, nil)
            }
            write(sum, names.sum, point)
            write(Double(count), names.count, point)
        }
    }

    private mutating func writeBuckets(
        _ point: ExpositionPoint, _ names: FamilyNames, count: UInt64, counts: [UInt64]
    ) {
        let series = point.series
        guard series.hasBuckets else { return }
        var cumulated: UInt64 = 0
        for (index, bound) in series.boundTexts.enumerated() {
            let isLast = index == series.bounds.count
            cumulated = isLast ? count : cumulated &+ (index < counts.count ? counts[index] : 0)
            begin(names.bucket, point, "le", bound)
            let exemplar =
                names.hasExemplars ? point.exemplar(ofBucket: index, bounds: series.bounds) : nil
            end(Double(cumulated), point, exemplar)
        }
    }

    private mutating func writeCreated(_ point: ExpositionPoint, _ names: FamilyNames) {
        guard format.isOpenMetrics, point.hasCreated, point.startTimeUnixNano > 0,
            names.hasExemplars || names.type == MetricType.summary.rawValue
        else { return }
        begin(names.created, point)
        appendSeconds(nanoseconds: point.startTimeUnixNano)
        bytes.append(UInt8(ascii: "\n"))
    }

    // MARK: Lines

    private mutating func write(
        _ value: Double, _ name: FamilyNames.Sample, _ point: ExpositionPoint
    ) {
        begin(name, point)
        end(value, point, nil)
    }

    /// Writes name, labels and the space after them.
    private mutating func begin(
        _ name: FamilyNames.Sample, _ point: ExpositionPoint, _ extra: StaticString = "",
        _ text: [UInt8] = []
    ) {
        let hasLabels = !point.series.labels.isEmpty
        let hasExtra = extra.utf8CodeUnitCount > 0
        if name.isPlain {
            bytes.append(contentsOf: name.text)
            if !hasLabels && !hasExtra { return bytes.append(UInt8(ascii: " ")) }
            bytes.append(UInt8(ascii: "{"))
        } else {
            bytes.append(UInt8(ascii: "{"))
            bytes.append(contentsOf: name.text)
            if hasLabels || hasExtra { bytes.append(UInt8(ascii: ",")) }
        }
        if format.escaping == .allowUTF8 || (point.series.isPlain && format.escaping != .dots) {
            bytes.append(contentsOf: point.series.labelText)
        } else {
            bytes.appendLabels(point.series.labels, format.escaping)
        }
        if hasExtra {
            if hasLabels { bytes.append(UInt8(ascii: ",")) }
            bytes.append(contentsOf: extra.description.utf8)
            bytes.append(contentsOf: "=\"".utf8)
            bytes.append(contentsOf: text)
            bytes.append(UInt8(ascii: "\""))
        }
        bytes.append(contentsOf: "} ".utf8)
    }

    /// Writes the value, the time if times are written, the exemplar, and ends the line.
    private mutating func end(_ value: Double, _ point: ExpositionPoint, _ exemplar: SentExemplar?)
    {
        bytes.appendFloat(value)
        if format.writesTimestamps {
            bytes.append(UInt8(ascii: " "))
            if format.isOpenMetrics {
                appendSeconds(nanoseconds: point.timeUnixNano)
            } else {
                bytes.appendInteger(point.timeUnixNano / 1_000_000)
            }
        }
        if let exemplar {
            bytes.append(contentsOf: " # {".utf8)
            bytes.appendLabels(exemplar.labels(format.escaping))
            bytes.append(contentsOf: "} ".utf8)
            bytes.appendFloat(exemplar.value)
            if exemplar.timestamp > 0 {
                bytes.append(UInt8(ascii: " "))
                appendSeconds(nanoseconds: UInt64(exemplar.timestamp) * 1_000_000)
            }
        }
        bytes.append(UInt8(ascii: "\n"))
    }

    /// Seconds with as many digits after the point as are needed, three at least.
    private mutating func appendSeconds(nanoseconds: UInt64) {
        bytes.appendInteger(nanoseconds / 1_000_000_000)
        bytes.append(UInt8(ascii: "."))
        var rest = nanoseconds % 1_000_000_000
        var digits = 9
        while digits > 3, rest % 10 == 0 {
            rest /= 10
            digits -= 1
        }
        let start = bytes.count
        for _ in 0..<digits {
            bytes.append(UInt8(ascii: "0") + UInt8(rest % 10))
            rest /= 10
        }
        bytes[start...].reverse()
    }
}
