import Foundation
import Testing

@testable import WeirPrometheus

@Suite struct DecimalTests {
    /// What `strtod` says, bit by bit: it is the judge.
    private func expectSame(_ text: String) {
        let number = decimal(text)
        let expected = unsafe strtod(text, nil)
        #expect(
            number?.value.bitPattern == expected.bitPattern && number?.end == text.utf8.count,
            "\(text): \(String(describing: number?.value)) instead of \(expected)")
    }

    private func decimal(_ text: String) -> WeirPrometheus.Decimal? {
        let bytes = Array(text.utf8)
        return bytes.raw.decimal(at: 0)
    }

    @Test(arguments: [
        "0", "-0", "+0", "1", "-1", "+1", "00012", "1.", ".5", "0.1", "1e5", "1E5", "1e+05",
        "1e-05",
        "4.9351e-05", "1.445169e+06", "7.424100000000001e-05", "9007199254740993",
        "9007199254740992.5", "18446744073709551615", "18446744073709551616", "1e22", "1e23",
        "8.5e22", "123456789012345678901234567890", "0.000000000000000000000000000001",
        "1.7976931348623157e308", "2.2250738585072014e-308", "4.9e-324", "1e-400", "5e-324",
        "2.4703282292062327208e-324", "6.02214076e23", "1e55", "1e-55", "1e56", "1e-56",
        "0.30000000000000004", "1.0000000000000002220446049250313080847263336181640625",
        "1520879607.789", "9223372036854775807", "1e0", "0e99999999999999999999", "1e-99999999999",
    ])
    func readsNumbers(_ text: String) { expectSame(text) }

    @Test(arguments: [
        "", "+", "-", ".", "e5", "1e", "1e+", "x", "-nan", "+nan", "in", "1e400", "-1e400", "na",
        "--1",
    ])
    func refuses(_ text: String) {
        #expect(decimal(text) == nil)
    }

    @Test(arguments: [
        ("inf", Double.infinity), ("+Inf", .infinity), ("-INF", -.infinity),
        ("Infinity", .infinity), ("-infinity", -.infinity),
    ])
    func readsInfinity(_ text: String, _ value: Double) {
        #expect(decimal(text)?.value == value && decimal(text)?.end == text.utf8.count)
    }

    @Test(arguments: ["NaN", "nan", "NAN"])
    func readsNaNAsPrometheusOrdinaryOne(_ text: String) {
        #expect(decimal(text)?.value.bitPattern == 0x7ff8_0000_0000_0001)
    }

    @Test(arguments: [("0x10", 1), ("1_000", 1), ("1p5", 1), ("12abc", 2), ("1.5 3", 3)])
    func stopsWhereTheNumberDoes(_ text: String, _ end: Int) {
        #expect(decimal(text)?.end == end)
    }

    /// Random bit patterns, written with the fewest digits and with 17 and 20.
    @Test func agreesWithStrtodOnRandomBits() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<60_000 {
            let value = Double(bitPattern: generator.next())
            guard value.isFinite else { continue }
            expectSame("\(value)")
            expectSame(String(format: "%.16e", value))
            // Near one, as telemetry is.
            let near =
                Double(Int64.random(in: -1 << 53...1 << 53))
                / pow(10, Double.random(in: 0...20).rounded())
            expectSame("\(near)")
            expectSame(String(format: "%.19g", near))
        }
    }

    /// Decimals that lie on and beside the middle between two doubles.
    @Test func agreesWithStrtodOnHalves() {
        for _ in 0..<60_000 {
            let mantissa = UInt64.random(in: 1 << 53...1 << 54) | 1
            let exponent = Int.random(in: 0...9)
            expectSame("\(mantissa)e\(exponent)")
            expectSame("\(mantissa)e-\(exponent)")
            expectSame("\(UInt64.random(in: .min ... .max))e\(Int.random(in: -60...60))")
        }
    }
}

@Suite struct FloatTextTests {
    @Test(
        arguments: [
            (0, "0.0"), (1, "1.0"), (-1, "-1.0"), (0.5, "0.5"), (0.005, "0.005"), (100, "100.0"),
            (100_000, "100000.0"), (1e6, "1e+06"), (1_234_567, "1.234567e+06"), (0.0001, "0.0001"),
            (0.00001, "1e-05"), (1.5e-7, "1.5e-07"), (1e100, "1e+100"), (123_456.5, "123456.5"),
            (.infinity, "+Inf"), (-.infinity, "-Inf"), (.nan, "NaN"), (2.5, "2.5"),
            (0.1 + 0.2, "0.30000000000000004"), (1.2345e-10, "1.2345e-10"),
        ] as [(Double, String)])
    func writesBoundsAsPrometheusDoes(_ value: Double, _ text: String) {
        #expect(canonicalFloat(value) == text)
    }

    @Test func readsBackWhatItWrites() {
        for _ in 0..<20_000 {
            let value = Double(bitPattern: .random(in: .min ... .max))
            guard value.isFinite else { continue }
            let back = unsafe strtod(canonicalFloat(value), nil)
            #expect(back.bitPattern == value.bitPattern)
        }
    }
}
