/// As Go writes a duration: `0s`, `1.5ms`, `72h3m0.5s`.
func goDuration(_ nanoseconds: UInt64) -> String {
    switch nanoseconds {
    case 0: return "0s"
    case ..<1000: return "\(nanoseconds)ns"
    case ..<1_000_000: return decimal(nanoseconds, 1000) + "µs"
    case ..<1_000_000_000: return decimal(nanoseconds, 1_000_000) + "ms"
    default: break
    }
    let seconds = nanoseconds / 1_000_000_000
    let hours = seconds >= 3600 ? "\(seconds / 3600)h" : ""
    let minutes = seconds >= 60 ? "\(seconds / 60 % 60)m" : ""
    return hours + minutes + decimal(nanoseconds % 60_000_000_000, 1_000_000_000) + "s"
}

/// `1.5` for 1500 of 1000.
private func decimal(_ number: UInt64, _ unit: UInt64) -> String {
    let rest = number % unit
    if rest == 0 { return "\(number / unit)" }
    // A digit before the rest keeps its leading zeros.
    var digits = String(unit + rest).dropFirst()
    while digits.last == "0" { digits.removeLast() }
    return "\(number / unit).\(digits)"
}
