/// A number of an exposition's text, as Go's `strconv.ParseFloat` reads it, without hexadecimal
/// and underscores: Prometheus takes neither.
struct Decimal {
    var value: Double
    /// Where the number ends.
    var end: Int
}

extension RawSpan {
    /// The number that begins at `start`: as much as can be one. `nil` if there is none, or if it is
    /// too large for a `Double`. The caller looks at what follows.
    ///
    /// Correct to the last bit.
    @inline(__always)
    func decimal(at start: Int) -> Decimal? {
        var index = start
        let count = byteCount
        var isNegative = false
        if index < count {
            let sign = byte(at: index)
            if sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
                isNegative = sign == UInt8(ascii: "-")
                index &+= 1
            }
        }
        let firstDigit = index
        var mantissa: UInt64 = 0
        while index < count {
            let digit = byte(at: index) &- UInt8(ascii: "0")
            guard digit < 10 else { break }
            mantissa = mantissa &* 10 &+ UInt64(digit)
            index &+= 1
        }
        var digits = index &- firstDigit
        var exponent = 0
        if index < count, byte(at: index) == UInt8(ascii: ".") {
            index &+= 1
            let firstDecimal = index
            while index < count {
                let digit = byte(at: index) &- UInt8(ascii: "0")
                guard digit < 10 else { break }
                mantissa = mantissa &* 10 &+ UInt64(digit)
                index &+= 1
            }
            exponent = firstDecimal &- index
            digits &-= exponent
        }
        guard digits > 0 else {
            return firstDigit == index ? special(at: firstDigit, from: start) : nil
        }
        if index < count, byte(at: index) | 0x20 == UInt8(ascii: "e") {
            guard let written = self.exponent(at: &index) else { return nil }
            exponent &+= written
        }
        // 19 digits always fit into 64 bits.
        guard digits <= 19, let magnitude = double(mantissa, timesTenTo: exponent) else {
            return longDecimal(from: start, to: index)
        }
        return Decimal(value: isNegative ? -magnitude : magnitude, end: index)
    }

    /// What follows an `e`; far beyond what counts it stops growing.
    private func exponent(at index: inout Int) -> Int? {
        index &+= 1
        var isNegative = false
        if index < byteCount {
            let sign = byte(at: index)
            if sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
                isNegative = sign == UInt8(ascii: "-")
                index &+= 1
            }
        }
        var exponent = 0
        let firstDigit = index
        while index < byteCount {
            let digit = byte(at: index) &- UInt8(ascii: "0")
            guard digit < 10 else { break }
            if exponent < 100_000 { exponent = exponent &* 10 &+ Int(digit) }
            index &+= 1
        }
        guard index > firstDigit else { return nil }
        return isNegative ? -exponent : exponent
    }

    /// `Inf`, `Infinity` and, without a sign, `NaN`; in any case of letters.
    @inline(never)
    private func special(at index: Int, from start: Int) -> Decimal? {
        for (word, value) in [("infinity", Double.infinity), ("inf", .infinity), ("nan", .nan)] {
            guard hasLetters(word, at: index) else { continue }
            if value.isNaN {
                guard index == start else { return nil }
                return Decimal(value: plainNaN(.nan), end: index + word.utf8.count)
            }
            let isNegative = byte(at: start) == UInt8(ascii: "-")
            return Decimal(value: isNegative ? -value : value, end: index + word.utf8.count)
        }
        return nil
    }

    private func hasLetters(_ word: String, at index: Int) -> Bool {
        guard index + word.utf8.count <= byteCount else { return false }
        return word.utf8.enumerated().allSatisfy { byte(at: index + $0) | 0x20 == $1 }
    }

    /// What the fast way cannot decide: very many digits, very large and very small numbers.
    @inline(never)
    private func longDecimal(from start: Int, to end: Int) -> Decimal? {
        guard let value = Double(string(start..<end)), value.isFinite else { return nil }
        return Decimal(value: value, end: end)
    }
}

/// Any NaN as Prometheus' ordinary one: another would be the stale marker, or unequal to it.
func plainNaN(_ value: Double) -> Double {
    value.isNaN ? Double(bitPattern: 0x7ff8_0000_0000_0001) : value
}
