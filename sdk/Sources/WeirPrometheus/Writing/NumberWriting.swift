// Numbers as Go's `strconv.FormatFloat(v, 'g', -1, 64)` writes them, and so Prometheus: the fewest
// digits that give the number back, with an exponent of two digits or more below 1e-4 and from
// 1e+06 on.
extension [UInt8] {
    /// A sample's value: `1`, `0.25`, `1e+06`, `+Inf`, `NaN`.
    package mutating func appendFloat(_ value: Double) {
        guard value.isFinite else {
            append(contentsOf: (value.isNaN ? "NaN" : value < 0 ? "-Inf" : "+Inf").utf8)
            return
        }
        if value.sign == .minus { append(UInt8(ascii: "-")) }
        let magnitude = abs(value)
        if magnitude < 1e6, magnitude == magnitude.rounded(.towardZero) {
            appendInteger(UInt64(magnitude))
        } else {
            ShortestDigits(magnitude).append(to: &self)
        }
    }

    /// The same where Prometheus wants to see that it is no integer, as in OpenMetrics and in
    /// `le`: `1.0`.
    package mutating func appendDottedFloat(_ value: Double) {
        let start = count
        appendFloat(value)
        guard value.isFinite else { return }
        for byte in self[start...] where byte == UInt8(ascii: ".") || byte == UInt8(ascii: "e") {
            return
        }
        append(contentsOf: ".0".utf8)
    }

    package mutating func appendInteger(_ value: UInt64) {
        guard value >= 10 else { return append(UInt8(ascii: "0") + UInt8(value)) }
        let start = count
        var rest = value
        while rest > 0 {
            append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        }
        self[start...].reverse()
    }
}

/// A float as Prometheus 3 writes it in `le` and `quantile`, which is OpenMetrics' way: the fewest
/// digits that say it exactly, always with a point or an exponent: `1.0`, `0.5`, `1e+06`, `+Inf`.
public func canonicalFloat(_ value: Double) -> String {
    var text: [UInt8] = []
    text.appendDottedFloat(value)
    return String(decoding: text, as: UTF8.self)
}

/// A positive number's digits `d` and exponent, so that it is 0.ddd × 10^exponent.
private struct ShortestDigits {
    var digits: [UInt8] = []
    var exponent = 0

    init(_ magnitude: Double) {
        digits.reserveCapacity(20)
        if magnitude < 0x1p53, magnitude == magnitude.rounded(.towardZero) {
            digits.appendInteger(UInt64(magnitude))
            exponent = digits.count
        } else {
            read(magnitude.description)
        }
        while digits.last == UInt8(ascii: "0") { digits.removeLast() }
    }

    /// Reads what Swift writes, which has the same digits: `0.00123`, `5e-324`, `1.5e+16`.
    private mutating func read(_ text: String) {
        var hasPoint = false
        var tenth = 0
        var isNegative = false
        var inExponent = false
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "."): hasPoint = true
            case UInt8(ascii: "e"): inExponent = true
            case UInt8(ascii: "-"): isNegative = true
            case UInt8(ascii: "+"): break
            default:
                if inExponent {
                    tenth = tenth * 10 + Int(byte - UInt8(ascii: "0"))
                } else if digits.isEmpty, byte == UInt8(ascii: "0") {
                    if hasPoint { exponent -= 1 }
                } else {
                    digits.append(byte)
                    if !hasPoint { exponent += 1 }
                }
            }
        }
        exponent += isNegative ? -tenth : tenth
    }

    func append(to text: inout [UInt8]) {
        if exponent < -3 || exponent > 6 {
            text.append(digits[0])
            if digits.count > 1 {
                text.append(UInt8(ascii: "."))
                text.append(contentsOf: digits[1...])
            }
            let power = exponent - 1
            text.append(contentsOf: (power < 0 ? "e-" : "e+").utf8)
            if abs(power) < 10 { text.append(UInt8(ascii: "0")) }
            text.appendInteger(UInt64(abs(power)))
        } else if exponent <= 0 {
            text.append(contentsOf: "0.".utf8)
            text.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: -exponent))
            text.append(contentsOf: digits)
        } else {
            for index in 0..<Swift.max(exponent, digits.count) {
                if index == exponent { text.append(UInt8(ascii: ".")) }
                text.append(index < digits.count ? digits[index] : UInt8(ascii: "0"))
            }
        }
    }
}
