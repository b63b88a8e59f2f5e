/// Reads a duration as Prometheus does, into nanoseconds: `1d`, `1h30m`, `15s`, `500ms`; units in
/// descending order, each at most once, whole numbers only.
package func parsePrometheusDuration(_ text: String) -> Int64? {
    try? parsePrometheusDurationOrExplain(text)
}

func parsePrometheusDurationOrExplain(_ text: String) throws(FormatComplaint) -> Int64 {
    if text == "0" { return 0 }
    if text.isEmpty { throw FormatComplaint("the duration is empty") }
    if text.hasPrefix("-") { throw FormatComplaint("a duration cannot be negative") }
    if Double(text) != nil {
        throw FormatComplaint("the unit is missing", suggestion: "write \(text)s for seconds")
    }
    var rest = Substring(text)
    var left = units[...]
    var total: Int64 = 0
    while !rest.isEmpty {
        let digits = rest.prefix { $0.isASCII && $0.isNumber }
        rest = rest.dropFirst(digits.count)
        if rest.first == "." {
            throw FormatComplaint(
                "Prometheus takes whole numbers only", suggestion: "write 1500ms instead of 1.5s")
        }
        let name = rest.prefix { !($0.isASCII && $0.isNumber) }
        rest = rest.dropFirst(name.count)
        guard let amount = Int64(digits) else {
            throw FormatComplaint("'\(text)' does not begin with a number")
        }
        guard units.contains(where: { $0.name == name }) else {
            throw FormatComplaint(
                name.isEmpty ? "the unit is missing" : "there is no unit '\(name)'",
                suggestion: name.isEmpty
                    ? "write \(digits)s for seconds" : "the units are y, w, d, h, m, s, ms")
        }
        guard let index = left.firstIndex(where: { $0.name == name }) else {
            throw FormatComplaint(
                "'\(name)' comes too late", suggestion: "larger units come first, each once: 1h30m")
        }
        let (product, overflow) = amount.multipliedReportingOverflow(by: left[index].scale)
        let (sum, overflowed) = total.addingReportingOverflow(product)
        if overflow || overflowed {
            throw FormatComplaint("the duration is longer than 292 years")
        }
        total = sum
        left = left[(index + 1)...]
    }
    return total
}

/// Reads a size as Prometheus does: 1 KB is 1024 bytes there, as is 1 KiB.
func parsePrometheusByteSizeOrExplain(_ text: String) throws(FormatComplaint) -> Int64 {
    let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
    let unit = String(text.dropFirst(digits.count))
    let isDecimal = ["KB", "MB", "GB", "TB"].contains(unit)
    return try parseByteSizeOrExplain(isDecimal ? "\(digits)\(unit.prefix(1))iB" : text)
}

private let units: [(name: Substring, scale: Int64)] = [
    ("y", 365 * 86_400_000_000_000), ("w", 7 * 86_400_000_000_000), ("d", 86_400_000_000_000),
    ("h", 3_600_000_000_000), ("m", 60_000_000_000), ("s", 1_000_000_000), ("ms", 1_000_000),
]
