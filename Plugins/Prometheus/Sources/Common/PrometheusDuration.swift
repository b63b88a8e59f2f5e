/// A duration as Prometheus writes it: `1h30m`, `15s`, `500ms`, `1d`; units in descending order,
/// each at most once, and `0` for none.
///
/// Where the host has read the text already (a schema with format `duration`), whole nanoseconds.
struct PrometheusDuration: Sendable, Hashable {
    var duration: Duration

    init(_ duration: Duration) { self.duration = duration }

    /// `nil` if the text is not a duration.
    init?(parsing text: String) {
        if text == "0" {
            self.init(.zero)
            return
        }
        var rest = Substring(text)
        var units = PrometheusDuration.units[...]
        var milliseconds: Int64 = 0
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            rest = rest.dropFirst(digits.count)
            let name = rest.prefix { $0.isASCII && $0.isLetter }
            rest = rest.dropFirst(name.count)
            guard let amount = Int64(digits),
                let index = units.firstIndex(where: { $0.name == name })
            else { return nil }
            let (product, overflow) = amount.multipliedReportingOverflow(
                by: units[index].milliseconds)
            let (sum, overflowed) = milliseconds.addingReportingOverflow(product)
            // Prometheus counts in nanoseconds of 64 bits.
            guard !overflow, !overflowed, sum <= Int64.max / 1_000_000 else { return nil }
            milliseconds = sum
            units = units[(index + 1)...]
        }
        self.init(.milliseconds(milliseconds))
    }

    var seconds: Double {
        let (seconds, attoseconds) = duration.components
        return Double(seconds) + Double(attoseconds) / 1e18
    }

    private static let units: [(name: Substring, milliseconds: Int64)] = [
        ("y", 365 * 86_400_000), ("w", 7 * 86_400_000), ("d", 86_400_000), ("h", 3_600_000),
        ("m", 60_000), ("s", 1_000), ("ms", 1),
    ]
}

extension PrometheusDuration: Decodable {
    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let nanoseconds = try? container.decode(Int64.self) {
            self.init(.nanoseconds(nanoseconds))
            return
        }
        let text = try container.decode(String.self)
        guard let parsed = PrometheusDuration(parsing: text) else {
            throw decoder.refusal(
                "found \"\(text)\", expected a duration such as 30s, 5m or 1h30m")
        }
        self = parsed
    }
}
