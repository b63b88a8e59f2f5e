extension Text {
    /// A whole number in decimal; `nil` if anything else stands here, or it is beyond 64 bits.
    var unsigned: UInt64? {
        guard !isEmpty else { return nil }
        var value: UInt64 = 0
        for index in 0..<count {
            let digit = self[index] &- UInt8(ascii: "0")
            guard digit <= 9 else { return nil }
            let (product, overflows) = value.multipliedReportingOverflow(by: 10)
            let (sum, carries) = product.addingReportingOverflow(UInt64(digit))
            guard !overflows, !carries else { return nil }
            value = sum
        }
        return value
    }

    /// A whole number in hexadecimal, with or without `0x`.
    var hexadecimal: UInt64? {
        let digits = hasPrefix("0x") || hasPrefix("0X") ? dropFirst(2) : self
        guard !digits.isEmpty, digits.count <= 16 else { return nil }
        var value: UInt64 = 0
        for index in 0..<digits.count {
            let digit: UInt8
            switch digits[index] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = digits[index] - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"):
                digit = digits[index] - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"):
                digit = digits[index] - UInt8(ascii: "A") + 10
            default: return nil
            }
            value = value << 4 | UInt64(digit)
        }
        return value
    }

    /// A whole number with or without a sign, in decimal or after `0x` in hexadecimal.
    var integer: Int64? {
        if hasPrefix("0x") { return hexadecimal.flatMap { Int64(exactly: $0) } }
        if first == UInt8(ascii: "-") {
            return dropFirst(1).unsigned.flatMap { Int64(exactly: $0).map { -$0 } }
        }
        return unsigned.flatMap { Int64(exactly: $0) }
    }

    /// A number with or without a fraction or an exponent.
    var number: Double? {
        if let unsigned { return Double(unsigned) }
        return Double(string)
    }
}
