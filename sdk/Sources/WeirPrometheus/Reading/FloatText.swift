/// A float as Prometheus 3 writes it in `le` and `quantile`, which is OpenMetrics' way: the fewest
/// digits that say it exactly, always with a point or an exponent: `1.0`, `0.5`, `1e+06`, `+Inf`.
public func canonicalFloat(_ value: Double) -> String {
    let text = goFloat(value)
    guard value.isFinite else { return text }
    return text.utf8.contains { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "e") }
        ? text : text + ".0"
}

/// A float as Go's `strconv.FormatFloat(value, 'g', -1, 64)` writes it: the fewest digits that say
/// it exactly, with an exponent below 1e-4 and from 1e6 on.
public func goFloat(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
    let sign = value.sign == .minus ? "-" : ""
    if value == 0 { return sign + "0" }
    let (digits, point) = shortestDigits(value.magnitude)
    let exponent = point - 1
    if exponent < -4 || exponent >= 6 {
        let fraction = digits.count > 1 ? "." + digits.dropFirst() : ""
        let power = String(exponent.magnitude)
        return sign + digits.prefix(1) + fraction + (exponent < 0 ? "e-" : "e+")
            + (power.utf8.count < 2 ? "0" : "") + power
    }
    if point <= 0 { return sign + "0." + String(repeating: "0", count: -point) + digits }
    if digits.count <= point {
        return sign + digits + String(repeating: "0", count: point - digits.count)
    }
    return sign + digits.prefix(point) + "." + digits.dropFirst(point)
}

/// The shortest digits that give the number back, and where among them the point stands.
private func shortestDigits(_ value: Double) -> (digits: String, point: Int) {
    // Swift writes the shortest digits too, only in another form: 1e-05, 0.001, 100.0, 1.5e+20.
    let parts = "\(value)".split(separator: "e")
    let mantissa = parts[0].split(separator: ".")
    let fraction = mantissa.count > 1 ? mantissa[1] : ""
    let point = mantissa[0].count + (parts.count > 1 ? Int(parts[1]) ?? 0 : 0)
    let digits = mantissa[0] + fraction
    let leading = digits.prefix { $0 == "0" }.count
    var significant = digits.dropFirst(leading)
    while significant.last == "0" { significant.removeLast() }
    return (String(significant), point - leading)
}
