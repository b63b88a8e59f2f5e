/// The names of a family and of its samples in one text format.
struct FamilyNames {
    /// The name of a sample, ready to be written: in quotes, and inside the braces, if it is not of
    /// Prometheus' first data model.
    struct Sample {
        let text: [UInt8]
        let isPlain: Bool

        init(_ name: String) {
            isPlain = NameEscaping.isPlain(name)
            var text: [UInt8] = []
            text.appendName(name)
            self.text = text
        }
    }

    /// As `# TYPE` has it.
    let family: [UInt8]
    /// The word after it; `nil` for no such line.
    let type: String?
    /// `nil` for none.
    let unit: String?
    let value: Sample
    let bucket: Sample
    let sum: Sample
    let count: Sample
    let created: Sample
    /// Whether the format writes exemplars of this type.
    let hasExemplars: Bool
    /// Text has no gauge histograms: what belongs to one is three families there.
    let isSplit: Bool

    init(_ family: ExpositionFamily, _ format: TextWriter.Format) {
        let name = format.escaping.escaped(family.family.name)
        let type = family.writtenType
        let isGauge = type == .gaugeHistogram
        var base = name
        var word = type == .gaugeHistogram ? nil : FamilyNames.textType(type)
        if format.isOpenMetrics {
            word = type.rawValue
            let suffix = type == .counter ? "_total" : type == .info ? "_info" : ""
            if !suffix.isEmpty {
                let short = String(name.dropLast(suffix.count))
                if name.hasSuffix(suffix), !short.isEmpty, !format.names.contains(short) {
                    base = short
                } else {
                    // Without its suffix the format does not take it for what it is.
                    word = (type == .counter ? MetricType.unknown : .gauge).rawValue
                }
            }
        }
        var familyText: [UInt8] = []
        familyText.appendName(base)
        self.family = familyText
        self.type = word
        let unit = family.family.unit
        self.unit = format.isOpenMetrics && !unit.isEmpty && base.hasSuffix("_" + unit) ? unit : nil
        value = Sample(name)
        bucket = Sample(name + "_bucket")
        sum = Sample(name + (isGauge ? "_gsum" : "_sum"))
        count = Sample(name + (isGauge ? "_gcount" : "_count"))
        created = Sample(base + "_created")
        hasExemplars =
            format.isOpenMetrics
            && (word == MetricType.counter.rawValue || type == .histogram || isGauge)
        isSplit = isGauge && !format.isOpenMetrics
    }

    /// Text knows five types.
    private static func textType(_ type: MetricType) -> String {
        switch type {
        case .counter, .gauge, .histogram, .summary: type.rawValue
        case .info, .stateset: "gauge"
        case .unknown, .gaugeHistogram: "untyped"
        }
    }
}
