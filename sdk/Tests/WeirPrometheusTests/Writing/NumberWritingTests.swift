import Testing

@testable import WeirPrometheus

struct NumberWritingTests {
    @Test(arguments: [
        (0.0, "0"), (-0.0, "-0"), (1, "1"), (-1, "-1"), (42, "42"), (999_999, "999999"),
        (1_000_000, "1e+06"), (1_234_567, "1.234567e+06"), (123_456.7, "123456.7"),
        (1_234_567.8, "1.2345678e+06"), (0.1, "0.1"), (0.0001, "0.0001"), (0.00001, "1e-05"),
        (0.000123, "0.000123"), (0.0000123, "1.23e-05"), (-0.5, "-0.5"), (1e15, "1e+15"),
        (1e16, "1e+16"), (1.5e16, "1.5e+16"), (1e100, "1e+100"), (1e21, "1e+21"),
        (.leastNonzeroMagnitude, "5e-324"), (1.7976931348623157e308, "1.7976931348623157e+308"),
        (0.30000000000000004, "0.30000000000000004"), (100.5, "100.5"),
        (1_700_000_000.123, "1.700000000123e+09"), (9_007_199_254_740_992, "9.007199254740992e+15"),
        (.infinity, "+Inf"), (-.infinity, "-Inf"), (.nan, "NaN"), (1e-7, "1e-07"),
        (2.5e-10, "2.5e-10"), (120_000, "120000"), (10, "10"), (100, "100"),
    ])
    func asGoWritesIt(_ value: Double, _ expected: String) {
        var text: [UInt8] = []
        text.appendFloat(value)
        #expect(String(decoding: text, as: UTF8.self) == expected)
    }

    @Test(arguments: [
        (1.0, "1.0"), (0.5, "0.5"), (1e6, "1e+06"), (.infinity, "+Inf"), (0, "0.0"), (250, "250.0"),
    ])
    func bounds(_ value: Double, _ expected: String) {
        #expect(canonicalFloat(value) == expected)
    }

    /// The text gives the number back, whatever it is.
    @Test func roundTrips() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            let value = Double(bitPattern: random.next())
            guard value.isFinite else { continue }
            var text: [UInt8] = []
            text.appendFloat(value)
            #expect(Double(String(decoding: text, as: UTF8.self)) == value)
        }
    }
}
