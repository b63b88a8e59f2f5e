/// Reads a duration as Go's `time.ParseDuration` does, into nanoseconds.
package func parseDuration(_ text: String) -> Int64? {
    try? parseDurationOrExplain(text)
}

func parseDurationOrExplain(_ text: String) throws(FormatComplaint) -> Int64 {
    var rest = Substring(text)
    if rest == "0" { return 0 }
    if rest.first == "-" { throw FormatComplaint("a duration cannot be negative") }
    if rest.first == "+" { rest.removeFirst() }
    guard !rest.isEmpty else { throw FormatComplaint("the duration is empty") }
    if Double(text) != nil {
        throw FormatComplaint("the unit is missing", suggestion: "write \(text)s for seconds")
    }
    var total: Double = 0
    var exact: Int64 = 0
    while !rest.isEmpty {
        let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        guard let amount = Double(digits.hasPrefix(".") ? "0" + digits : digits) else {
            throw FormatComplaint("'\(rest)' does not begin with a number")
        }
        rest = rest.dropFirst(digits.count)
        let unit = rest.prefix { !($0.isASCII && ($0.isNumber || $0 == ".")) }
        rest = rest.dropFirst(unit.count)
        if unit.contains(" ") {
            throw unknownUnit(unit.filter { $0 != " " }, amount: digits)
        }
        let scale = try nanoseconds(in: unit, amount: digits)
        total += amount * Double(scale)
        if let whole = Int64(digits) {
            let (product, overflow) = whole.multipliedReportingOverflow(by: scale)
            let (sum, overflowed) = exact.addingReportingOverflow(product)
            if overflow || overflowed { throw tooLong }
            exact = sum
        } else {
            let part = (amount * Double(scale)).rounded()
            guard part < 9e18, total < 9e18 else { throw tooLong }
            exact += Int64(part)
        }
    }
    return exact
}

private let tooLong = FormatComplaint("the duration is longer than 292 years")

private func nanoseconds(
    in unit: Substring, amount: Substring
) throws(FormatComplaint) -> Int64 {
    switch unit {
    case "ns": return 1
    case "us", "µs", "μs": return 1_000
    case "ms": return 1_000_000
    case "s": return 1_000_000_000
    case "m": return 60_000_000_000
    case "h": return 3_600_000_000_000
    case "":
        throw FormatComplaint("the unit is missing", suggestion: "write \(amount)s for seconds")
    default: throw unknownUnit(String(unit), amount: amount)
    }
}

private func unknownUnit(_ unit: String, amount: Substring) -> FormatComplaint {
    let complaint = "there is no unit '\(unit)'"
    if unit == "d" || unit == "day" || unit == "days" {
        let hours = Int64(amount).flatMap { $0 < 100_000 ? "\($0 * 24)h" : nil }
        return FormatComplaint(complaint, suggestion: "write \(hours ?? "hours")")
    }
    guard let near = meantUnits[unit] else {
        return FormatComplaint(complaint, suggestion: "the units are ns, us, ms, s, m, h")
    }
    return FormatComplaint(
        near == unit ? "a space stands before the unit" : complaint,
        suggestion: "write \(amount)\(near)")
}

private let meantUnits = [
    "ns": "ns", "us": "us", "ms": "ms", "s": "s", "m": "m", "h": "h",
    "sec": "s", "secs": "s", "second": "s", "seconds": "s", "S": "s",
    "min": "m", "mins": "m", "minute": "m", "minutes": "m", "M": "m",
    "hour": "h", "hours": "h", "hr": "h", "H": "h", "MS": "ms", "msec": "ms",
]
