/// Writes Prometheus' text format, or OpenMetrics, family by family.
package struct ExpositionText: Sendable {
    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    package private(set) var text = ""

    private let format: MetricsPage.Format

    package init(_ format: MetricsPage.Format = .prometheus) { self.format = format }

    /// The lines that come before a family's samples.
    package mutating func family(_ name: String, type: String, help: String) {
        if !help.isEmpty {
            text += "# HELP \(name) \(Self.escaped(help, quotes: format == .openMetrics))\n"
        }
        text += "# TYPE \(name) \(type)\n"
    }

    package mutating func sample(
        _ name: String, _ labels: some Sequence<(String, String)>, _ value: String
    ) {
        text += name
        var separator = "{"
        for (label, value) in labels {
            text += separator
            text += label
            text += "=\""
            text += Self.escaped(value, quotes: true)
            text += "\""
            separator = ","
        }
        text += separator == "," ? "} " : " "
        text += value
        text += "\n"
    }

    /// The last line, for a format that has one.
    package mutating func end() {
        if format == .openMetrics { text += "# EOF\n" }
    }

    package mutating func comment(_ line: String) {
        text += "# \(line.replacing("\n", with: " "))\n"
    }

    package mutating func append(_ other: ExpositionText) { text += other.text }

    /// A value: whole numbers as such, as far as a double is exact.
    package static func number(_ value: Double) -> String {
        if value == value.rounded() && abs(value) < 1e15 { return String(Int64(value)) }
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
        return String(value)
    }

    /// A bound in the format of this text: OpenMetrics wants a number with a point.
    package func bound(_ value: Double) -> String {
        let text = Self.bound(value)
        return format == .openMetrics && value.isFinite && !text.contains { $0 == "." || $0 == "e" }
            ? text + ".0" : text
    }

    /// A bound as the value of `le` or `quantile`, where the text makes the series: as client
    /// libraries in Go write it, with an exponent from a million on.
    package static func bound(_ value: Double) -> String {
        guard value.isFinite, value != 0 else { return number(value) }
        // Swift and Go agree on the digits: the fewest that say which double it is.
        let parts = abs(value).description.split(separator: "e")
        let mantissa = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        let whole = mantissa[0]
        let all = whole + (mantissa.count > 1 ? mantissa[1] : "")
        let zeros = all.prefix { $0 == "0" }.count
        var digits = String(all.dropFirst(zeros))
        while digits.last == "0" { digits.removeLast() }
        let exponent =
            (parts.count > 1 ? Int(parts[1]) ?? 0 : 0) + whole.count - zeros - 1
        let sign = value < 0 ? "-" : ""
        if exponent < -4 || exponent >= 6 {
            let fraction = digits.dropFirst()
            let power = abs(exponent)
            return sign + digits.prefix(1) + (fraction.isEmpty ? "" : "." + fraction)
                + (exponent < 0 ? "e-" : "e+") + (power < 10 ? "0" : "") + String(power)
        }
        if exponent < 0 {
            return sign + "0." + String(repeating: "0", count: -exponent - 1) + digits
        }
        if digits.count <= exponent + 1 {
            return sign + digits + String(repeating: "0", count: exponent + 1 - digits.count)
        }
        return sign + digits.prefix(exponent + 1) + "." + digits.dropFirst(exponent + 1)
    }

    private static func escaped(_ text: String, quotes: Bool) -> String {
        guard text.utf8.contains(where: { $0 == 0x22 || $0 == 0x5c || $0 == 0x0a }) else {
            return text
        }
        var result = ""
        for character in text.unicodeScalars {
            switch character {
            case "\\": result += "\\\\"
            case "\"" where quotes: result += "\\\""
            case "\n": result += "\\n"
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }
}
