/// Prometheus' words for a unit in UCUM: `By/s` is `bytes` and `per_second`. Either may be empty:
/// `1` has no word, and neither has what stands in braces, which only says what is counted.
///
/// The tables are those of OpenTelemetry's Prometheus compatibility specification.
struct UnitWords: Equatable {
    var main = ""
    var per = ""

    init(_ unit: String) {
        let parts = unit.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        if let word = UnitWords.trimmed(parts[0]) { main = UnitWords.units[word] ?? word }
        if parts.count > 1, let word = UnitWords.trimmed(parts[1]) {
            per = "per_" + (UnitWords.perUnits[word] ?? word)
        }
    }

    /// Both as one: `bytes_per_second`, with what Prometheus does not allow made `_`.
    var joined: String {
        [escapedUnit(main), escapedUnit(per)].filter { !$0.isEmpty }.joined(separator: "_")
            .trimmingUnderscore()
    }

    private static func trimmed(_ part: Substring) -> String? {
        let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" || $0 == "\n" }
        var word = part.drop(while: isSpace)
        while let last = word.last, isSpace(last) { word.removeLast() }
        return word.isEmpty || word.contains("{") || word.contains("}") ? nil : String(word)
    }

    private static let units = [
        "d": "days", "h": "hours", "min": "minutes", "s": "seconds", "ms": "milliseconds",
        "us": "microseconds", "ns": "nanoseconds", "By": "bytes", "KiBy": "kibibytes",
        "MiBy": "mebibytes", "GiBy": "gibibytes", "TiBy": "tibibytes", "KBy": "kilobytes",
        "MBy": "megabytes", "GBy": "gigabytes", "TBy": "terabytes", "m": "meters", "V": "volts",
        "A": "amperes", "J": "joules", "W": "watts", "g": "grams", "Cel": "celsius",
        "Hz": "hertz", "1": "", "%": "percent",
    ]

    private static let perUnits = [
        "s": "second", "m": "minute", "h": "hour", "d": "day", "w": "week", "mo": "month",
        "y": "year",
    ]
}

/// A unit's word as part of a name: other characters become `_`, one for a run of them.
func escapedUnit(_ word: String) -> String {
    var result = ""
    for scalar in word.unicodeScalars {
        if isNameScalar(scalar) {
            result.unicodeScalars.append(scalar)
        } else if result.last != "_" {
            result += "_"
        }
    }
    return String(result.drop { $0 == "_" })
}

/// What a metric name of Prometheus' first data model consists of, but for `_`.
func isNameScalar(_ scalar: Unicode.Scalar) -> Bool {
    isLabelScalar(scalar) || scalar == ":"
}

func isLabelScalar(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "a"..."z", "A"..."Z", "0"..."9": true
    default: false
    }
}

extension String {
    func trimmingUnderscore() -> String {
        hasSuffix("_") ? String(dropLast()) : self
    }
}
