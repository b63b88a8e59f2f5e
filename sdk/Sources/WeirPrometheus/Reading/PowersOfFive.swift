// Decimal to binary as Daniel Lemire describes it in "Number Parsing at a Gigabyte per Second"
// (2021): the mantissa times a power of five in 128 bits decides nearly always. Here only the
// exponents that occur in telemetry are covered, so the table is small enough to be computed.

/// The most digits that the power of ten has, in either direction.
private let largestExponent = 55

/// 128 bits of 5^q for q from -55 to 55, the most significant bit set.
private let powersOfFive: [UInt128] = (-largestExponent...largestExponent).map(normalizedPower)

private func normalizedPower(_ exponent: Int) -> UInt128 {
    var power: UInt128 = 1
    // 5^55 is the last that fits.
    for _ in 0..<exponent.magnitude { power *= 5 }
    if exponent >= 0 { return power << UInt128(power.leadingZeroBitCount) }
    // 2^(bits + 127) / 5^-q, by long division.
    let bits = 128 - power.leadingZeroBitCount
    var quotient: UInt128 = 0
    var remainder: UInt128 = 1
    for _ in 0..<(bits + 127) {
        // A remainder is below 2^128, but its double may not be.
        let carries = remainder >> 127 == 1
        remainder <<= 1
        quotient <<= 1
        if carries || remainder >= power {
            remainder &-= power
            quotient |= 1
        }
    }
    return exponent >= -27 ? quotient + 1 : quotient
}

/// `mantissa` × 10^`exponent`, rounded to nearest; `nil` where it cannot be decided here.
@inline(__always)
func double(_ mantissa: UInt64, timesTenTo exponent: Int) -> Double? {
    if exponent == 0, mantissa < 1 << 53 { return Double(mantissa) }
    if mantissa == 0 { return 0 }
    guard exponent >= -largestExponent, exponent <= largestExponent else { return nil }
    return product(mantissa, exponent)
}

private func product(_ mantissa: UInt64, _ exponent: Int) -> Double? {
    let zeros = mantissa.leadingZeroBitCount
    let shifted = mantissa &<< UInt64(zeros)
    let power = powersOfFive[exponent &+ largestExponent]
    var (high, low) = shifted.multipliedFullWidth(by: UInt64(truncatingIfNeeded: power >> 64))
    // The lower half of the power counts only where it could carry into the bits that decide.
    if high & 0x1ff == 0x1ff {
        let (carry, _) = shifted.multipliedFullWidth(by: UInt64(truncatingIfNeeded: power))
        let (sum, overflow) = low.addingReportingOverflow(carry)
        low = sum
        if overflow { high &+= 1 }
    }
    let upperBit = high >> 63
    let shift = upperBit &+ 9
    var significand = high &>> shift
    // Twice floor(log2(10^q)) is within the 16 bits of this approximation.
    let binary = (217_706 &* exponent) >> 16 &+ 63
    var power2 = binary &+ Int(upperBit) &- zeros &+ 1023
    // Exactly half way between two: to the even one.
    if low <= 1, exponent >= -4, exponent <= 23, significand & 3 == 1,
        significand &<< shift == high
    {
        significand &= ~1
    }
    significand = (significand &+ (significand & 1)) >> 1
    if significand >= 1 << 53 {
        significand = 1 << 52
        power2 &+= 1
    }
    guard power2 > 0, power2 < 2047 else { return nil }
    return Double(bitPattern: significand & ~(1 << 52) | UInt64(power2) << 52)
}
