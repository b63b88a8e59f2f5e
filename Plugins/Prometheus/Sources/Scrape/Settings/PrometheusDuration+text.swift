import WeirSDK

extension PrometheusDuration {
    init(nanoseconds: UInt64) { self.init(Duration(nanosecondCount: nanoseconds)) }

    /// As Prometheus prints it: `1m`, `1h30m`, `500ms`; what is below a millisecond is left out.
    var text: String {
        var rest = duration.clampedNanoseconds / 1_000_000
        if rest == 0 { return "0s" }
        var text = ""
        let units: [(name: String, milliseconds: UInt64, isWholeOnly: Bool)] = [
            ("y", 365 * 86_400_000, true), ("w", 7 * 86_400_000, true), ("d", 86_400_000, true),
            ("h", 3_600_000, false), ("m", 60_000, false), ("s", 1000, false), ("ms", 1, false),
        ]
        for unit in units where !unit.isWholeOnly || rest % unit.milliseconds == 0 {
            let count = rest / unit.milliseconds
            if count > 0 { text += "\(count)\(unit.name)" }
            rest -= count * unit.milliseconds
        }
        return text
    }
}
