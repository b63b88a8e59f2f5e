import WeirTelemetry

/// What `convert` makes of a value. A value that cannot be converted stays.
enum ConvertedType: String, Sendable, CaseIterable {
    case int, double, string

    /// The converted value; `nil` leaves the old one.
    func convert(_ value: AttributeValue) -> AttributeValue? {
        switch (self, value) {
        case (.int, .double(let number)): Int64(truncating: number).map { .int($0) }
        case (.int, .bool(let flag)): .int(flag ? 1 : 0)
        case (.int, .string(let text)): Int64(text).map { .int($0) }
        case (.double, .int(let number)): .double(Double(number))
        case (.double, .bool(let flag)): .double(flag ? 1 : 0)
        case (.double, .string(let text)): Double(text).map { .double($0) }
        case (.string, .int(let number)): .string(String(number))
        case (.string, .bool(let flag)): .string(flag ? "true" : "false")
        case (.string, .double(let number)): .string(shortest(number))
        default: nil
        }
    }
}

extension Int64 {
    /// Towards zero; `nil` where the number does not fit, which Go leaves undefined.
    fileprivate init?(truncating number: Double) {
        guard number > -9.3e18, number < 9.3e18 else { return nil }
        self.init(exactly: number.rounded(.towardZero))
    }
}

/// A double as the Collector writes it: the shortest digits that read back as the same number,
/// without a fraction of zero and with an exponent only below 1e-6 and from 1e21 on.
private func shortest(_ number: Double) -> String {
    guard number.isFinite else { return number.isNaN ? "NaN" : number < 0 ? "-Inf" : "+Inf" }
    let (sign, digits, exponent) = decimal(number)
    let count = digits.count
    // The number is 0.DIGITS × 10^exponent.
    if digits == "0" { return sign + "0" }
    if exponent > 21 || exponent < -5 {
        let rest = digits.dropFirst()
        let power = exponent - 1
        return sign + digits.prefix(1) + (rest.isEmpty ? "" : "." + rest) + "e"
            + (power < 0 ? "-" : "+") + String(abs(power))
    }
    if exponent <= 0 {
        return sign + "0." + String(repeating: "0", count: -exponent) + digits
    }
    if exponent >= count {
        return sign + digits + String(repeating: "0", count: exponent - count)
    }
    return sign + digits.prefix(exponent) + "." + digits.dropFirst(exponent)
}

/// The shortest digits of a finite number, taken from Swift's own description.
private func decimal(_ number: Double) -> (sign: String, digits: String, exponent: Int) {
    var text = Substring(number.magnitude.description)
    var exponent = 0
    if let mark = text.firstIndex(of: "e") {
        exponent = Int(text[text.index(after: mark)...]) ?? 0
        text = text[..<mark]
    }
    let pieces = text.split(separator: ".", omittingEmptySubsequences: false)
    let whole = pieces[0]
    var digits = whole + (pieces.count > 1 ? pieces[1] : "")
    exponent += whole.count
    while digits.count > 1, digits.last == "0" { digits.removeLast() }
    while digits.count > 1, digits.first == "0" {
        digits.removeFirst()
        exponent -= 1
    }
    return (number.sign == .minus ? "-" : "", String(digits), exponent)
}
