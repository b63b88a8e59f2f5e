/// Puts the samples of a text together into families.
struct FamilyAssembly {
    /// What a sample is for its family.
    private enum Part {
        case number
        case bucket, sum, count
        case quantile
        case created
    }

    private struct Place {
        var family: Int
        var part: Part
    }

    private struct Family {
        var made: ReadFamily
        var byLabels: [Labels: Int] = [:]
        /// For histograms and summaries, at the index of the point.
        var parts: [ClassicSamples] = []

        /// The index of a new point; `nil` if there is one with these labels.
        mutating func newPoint(_ labels: Labels) -> Int? {
            guard byLabels[labels] == nil else { return nil }
            byLabels[labels] = made.points.count
            made.points.append(ReadPoint(labels, .number(0)))
            return made.points.count - 1
        }

        mutating func part(_ labels: Labels, _ change: (inout ClassicSamples) -> Void) {
            if let index = newPoint(labels) {
                parts.append(ClassicSamples())
                change(&parts[index])
            } else if let index = byLabels[labels] {
                change(&parts[index])
            }
        }
    }

    private let metadata: [String: SampleGathering.Metadata]
    private let types: [String: MetricType]
    private var families: [Family] = []
    private var byName: [String: Int] = [:]
    /// By the name of a sample.
    private var places: [String: Place] = [:]
    private(set) var skipped = 0

    init(_ metadata: [String: SampleGathering.Metadata], _ types: [String: MetricType]) {
        self.metadata = metadata
        self.types = types
    }

    mutating func add(_ sample: SampleGathering.Sample) {
        let place = place(of: sample.name)
        let isHistogram = families[place.family].made.type == .histogram
        var labels = sample.labels
        switch place.part {
        case .created: break
        case .number:
            guard let index = families[place.family].newPoint(labels) else { return }
            families[place.family].made.points[index].value = .number(sample.value)
        case .bucket, .quantile:
            let name = isHistogram ? "le" : "quantile"
            guard let bound = Double(labels[name]), !bound.isNaN else {
                skipped += 1
                return
            }
            labels[name] = ""
            families[place.family].part(labels) { $0.add(sample.value, bound: bound) }
        case .sum: families[place.family].part(labels) { $0.sum = $0.sum ?? sample.value }
        case .count: families[place.family].part(labels) { $0.count = $0.count ?? sample.value }
        }
    }

    /// The families, in the order in which they began.
    func finish() -> [ReadFamily] {
        families.compactMap { family in
            var made = family.made
            for (index, part) in family.parts.enumerated() {
                made.points[index].value =
                    made.type == .histogram ? .histogram(part.histogram) : .summary(part.summary)
            }
            return made.points.isEmpty ? nil : made
        }
    }

    private mutating func place(of name: String) -> Place {
        if let known = places[name] { return known }
        let made = makePlace(of: name)
        places[name] = made
        return made
    }

    private func type(_ name: String) -> MetricType? {
        if let type = metadata[name]?.type, type != .unknown { return type }
        return types[name] ?? metadata[name]?.type
    }

    private mutating func makePlace(of name: String) -> Place {
        switch type(name) {
        case .counter: return Place(family: family(name, .counter, name), part: .number)
        case .summary: return Place(family: family(name, .summary, name), part: .quantile)
        // A histogram has no sample of its own name.
        case .histogram: return Place(family: family(name, .histogram, name), part: .bucket)
        case .gauge, .info, .stateset, .gaugeHistogram:
            return Place(family: family(name, .gauge, name), part: .number)
        case .unknown, nil: break
        }
        for (suffix, part) in FamilyAssembly.suffixes where name.hasSuffix(suffix) {
            let base = String(name.dropLast(suffix.count))
            guard let type = type(base) else { continue }
            switch (type, part) {
            case (.histogram, .bucket), (.histogram, .sum), (.histogram, .count),
                (.summary, .sum), (.summary, .count),
                (.histogram, .created), (.summary, .created):
                return Place(family: family(base, type, base), part: part)
            case (.counter, .number) where suffix == "_total":
                return Place(family: family(name, .counter, base), part: .number)
            case (.counter, .created):
                return Place(family: family(base + "_total", .counter, base), part: .created)
            case (.gaugeHistogram, _), (.info, .number), (.stateset, .number):
                return Place(family: family(name, .gauge, base), part: .number)
            default: continue
            }
        }
        return Place(family: family(name, .unknown, name), part: .number)
    }

    private static let suffixes: [(String, Part)] = [
        ("_bucket", .bucket), ("_sum", .sum), ("_count", .count), ("_total", .number),
        ("_created", .created), ("_gsum", .number), ("_gcount", .number), ("_info", .number),
    ]

    /// The family of this name; its help and unit stand under the name `described`.
    private mutating func family(_ name: String, _ type: MetricType, _ described: String) -> Int {
        if let known = byName[name] { return known }
        let found = metadata[described] ?? metadata[name]
        byName[name] = families.count
        families.append(
            Family(
                made: ReadFamily(name, type, help: found?.help ?? "", unit: found?.unit ?? "")))
        return families.count - 1
    }
}
