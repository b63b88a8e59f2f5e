import Glibc

/// As Go's `%f`: six digits after the point.
func fixedText(_ number: Double) -> String {
    guard number.isFinite else { return infiniteText(number) }
    // The largest double has 309 digits before the point.
    return unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 330) { buffer in
        _ = unsafe withVaList([number]) { arguments in
            unsafe vsnprintf(buffer.baseAddress!, buffer.count, "%f", arguments)
        }
        return unsafe String(cString: buffer.baseAddress!)
    }
}

/// As Go's `%v`: the shortest digits that read back as the same number, with an exponent below
/// 1e-4 and from 1e21 on.
func shortText(_ number: Double) -> String {
    guard number.isFinite else { return infiniteText(number) }
    return layOut(number, smallestPlain: -4, exponentDigits: 2)
}

/// As JSON writers of the Collector print it: an exponent below 1e-6 and from 1e21 on.
func jsonNumberText(_ number: Double) -> String {
    guard number.isFinite else { return infiniteText(number) }
    return layOut(number, smallestPlain: -6, exponentDigits: 1)
}

private func infiniteText(_ number: Double) -> String {
    number.isNaN ? "NaN" : number < 0 ? "-Inf" : "+Inf"
}

/// Takes the shortest digits from the standard library and puts the point elsewhere.
private func layOut(_ number: Double, smallestPlain: Int, exponentDigits: Int) -> String {
    if number == 0 { return number.sign == .minus ? "-0" : "0" }
    let halves = number.magnitude.description.split(separator: "e")
    let mantissa = halves[0].split(separator: ".")
    let fraction = mantissa.count > 1 && mantissa[1] != "0" ? mantissa[1] : ""
    let all = mantissa[0] + fraction
    let significant = all.drop { $0 == "0" }
    // The number is 0.DIGITS times ten to the power of `point`.
    let point =
        mantissa[0].count - (all.count - significant.count)
        + (halves.count > 1 ? Int(halves[1]) ?? 0 : 0)
    var digits = String(significant)
    while digits.last == "0" { digits.removeLast() }
    let sign = number < 0 ? "-" : ""
    let exponent = point - 1
    if exponent < smallestPlain || exponent >= 21 {
        let rest = digits.dropFirst()
        let power = String(abs(exponent))
        let padding = String(repeating: "0", count: max(0, exponentDigits - power.count))
        return sign + digits.prefix(1) + (rest.isEmpty ? "" : "." + rest)
            + (exponent < 0 ? "e-" : "e+") + padding + power
    }
    if point <= 0 { return sign + "0." + String(repeating: "0", count: -point) + digits }
    if digits.count <= point {
        return sign + digits + String(repeating: "0", count: point - digits.count)
    }
    return sign + digits.prefix(point) + "." + digits.dropFirst(point)
}
