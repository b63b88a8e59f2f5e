/// A family as the target declares it.
struct ExposedFamily {
    let name: String
    var type = MetricType.unknown
    var help = ""
    var unit = ""
    // The lines that said so last.
    var typeLine = none
    var helpLine = none
    var unitLine = none
}

/// The families of a target, by name.
struct ExposedFamilies {
    private(set) var all: [ExposedFamily] = []
    private var indexes: [String: UInt32] = [:]
    /// Whether families or types are new, so that a series may belong elsewhere.
    var haveChanged = false
    /// Families whose help or unit changed.
    var describedAnew: Set<UInt32> = []

    /// The family of a name, made if there is none.
    mutating func index(_ name: String) -> UInt32 {
        if let index = indexes[name] { return index }
        let index = UInt32(all.count)
        all.append(ExposedFamily(name: name))
        indexes[name] = index
        haveChanged = true
        return index
    }

    /// The family of a name; ``none`` if there is none.
    func known(_ name: String) -> UInt32 { indexes[name] ?? none }

    /// The line that said this of a family last.
    @inline(__always)
    func line(_ kind: Line.Kind, of index: UInt32) -> UInt32 {
        switch kind {
        case .type: all[Int(index)].typeLine
        case .unit: all[Int(index)].unitLine
        default: all[Int(index)].helpLine
        }
    }

    subscript(index: UInt32) -> ExposedFamily { all[Int(index)] }

    mutating func setType(_ type: MetricType, of index: UInt32, by line: UInt32) {
        if all[Int(index)].type != type { haveChanged = true }
        all[Int(index)].type = type
        all[Int(index)].typeLine = line
    }

    mutating func setHelp(_ help: String, of index: UInt32, by line: UInt32) {
        if all[Int(index)].help != help { describedAnew.insert(index) }
        all[Int(index)].help = help
        all[Int(index)].helpLine = line
    }

    mutating func setUnit(_ unit: String, of index: UInt32, by line: UInt32) {
        if all[Int(index)].unit != unit { describedAnew.insert(index) }
        all[Int(index)].unit = unit
        all[Int(index)].unitLine = line
    }

    /// A family as it was known, without the lines that said so.
    mutating func add(_ family: ExposedFamily) -> UInt32 {
        let index = index(family.name)
        all[Int(index)] = family
        all[Int(index)].typeLine = none
        all[Int(index)].helpLine = none
        all[Int(index)].unitLine = none
        return index
    }

    mutating func setLine(_ line: UInt32, _ kind: Line.Kind, of index: UInt32) {
        switch kind {
        case .type: all[Int(index)].typeLine = line
        case .unit: all[Int(index)].unitLine = line
        case .help: all[Int(index)].helpLine = line
        default:
            all[Int(index)].typeLine = line
            all[Int(index)].helpLine = line
            all[Int(index)].unitLine = line
        }
    }

    /// What a sample's name means: the family that it belongs to and what it is there.
    struct Meaning: Equatable {
        var family: UInt32
        var type: MetricType
        var role: Series.Role
        /// What the name has after that of the point.
        var suffix: String
    }

    /// A name that is a family's own counts before one that a suffix makes: `x_created` may be a
    /// gauge beside the counter `x`, and `x_created_total` a counter.
    func meaning(of name: String, isOpenMetrics: Bool) -> Meaning {
        if let index = indexes[name] {
            let type = all[Int(index)].type
            let role: Series.Role = type == .summary ? .quantile : .value
            return Meaning(family: index, type: type, role: role, suffix: "")
        }
        for suffix in Suffix.all where name.utf8.count > suffix.text.utf8.count {
            guard name.hasSuffix(suffix.text),
                let index = indexes[String(name.dropLast(suffix.text.count))],
                suffix.types.contains(all[Int(index)].type),
                suffix.role != .created || isOpenMetrics
            else { continue }
            let type = all[Int(index)].type
            // The point of a counter or an info has the sample's name.
            let isPart = suffix.role != .value
            return Meaning(
                family: index, type: type, role: suffix.role, suffix: isPart ? suffix.text : "")
        }
        return Meaning(family: none, type: .unknown, role: .value, suffix: "")
    }
}

/// What may follow a family's name in the name of a sample.
private struct Suffix {
    let text: String
    let role: Series.Role
    let types: Set<MetricType>

    static let all = [
        Suffix(text: "_bucket", role: .bucket, types: [.histogram, .gaugeHistogram]),
        Suffix(text: "_count", role: .count, types: [.histogram, .summary]),
        Suffix(text: "_sum", role: .sum, types: [.histogram, .summary]),
        Suffix(text: "_total", role: .value, types: [.counter]),
        Suffix(text: "_created", role: .created, types: [.counter, .histogram, .summary]),
        Suffix(text: "_gcount", role: .count, types: [.gaugeHistogram]),
        Suffix(text: "_gsum", role: .sum, types: [.gaugeHistogram]),
        Suffix(text: "_info", role: .value, types: [.info]),
    ]
}
