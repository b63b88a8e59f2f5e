import Testing
import WeirTelemetry

@testable import DebugPlugin

struct TextTests {
    @Test(arguments: Signal.allCases, ["basic", "normal", "detailed"])
    func golden(_ signal: Signal, _ verbosity: String) throws {
        let lines = try printed(
            [goldenInput(signal)], signal, #"{"verbosity": "\#(verbosity)"}"#)
        try expectGolden(
            lines.joined(separator: "\n") + "\n", "\(signal.name).\(verbosity).txt")
    }

    /// Resources are counted through all parts, because the parts are one request.
    @Test func partsAreOneRequest() throws {
        let part = try goldenInput(.logs)
        let lines = try printed([part, part], .logs, #"{"verbosity": "detailed"}"#)
        #expect(lines[0] == "Logs: resource logs 2, log records 6")
        #expect(
            lines.filter { $0.hasPrefix("ResourceLog #") } == ["ResourceLog #0", "ResourceLog #1"])
    }

    @Test(arguments: [
        (0.0, "0.000000"), (-1.5, "-1.500000"), (0.0000004, "0.000000"),
        (1e20, "1" + zeros(20) + ".000000"),
        (.infinity, "+Inf"), (-.infinity, "-Inf"), (.nan, "NaN"),
    ])
    func fixed(_ number: Double, _ text: String) { #expect(fixedText(number) == text) }

    /// The left column is what Go prints with `%v`, the right what its JSON has.
    @Test(arguments: [
        (0.0, "0", "0"), (-0.0, "-0", "-0"), (1, "1", "1"), (-2.5, "-2.5", "-2.5"),
        (100, "100", "100"), (123456789.125, "123456789.125", "123456789.125"),
        (1e20, "1" + zeros(20), "1" + zeros(20)), (1e21, "1e+21", "1e+21"),
        (1.25e22, "1.25e+22", "1.25e+22"), (0.0001, "0.0001", "0.0001"),
        (0.00001, "1e-05", "0.00001"), (0.000001, "1e-06", "0.000001"),
        (2.5e-7, "2.5e-07", "2.5e-7"), (.leastNonzeroMagnitude, "5e-324", "5e-324"),
        (.greatestFiniteMagnitude, "1.7976931348623157e+308", "1.7976931348623157e+308"),
        (9_007_199_254_740_992, "9007199254740992", "9007199254740992"),
    ])
    func short(_ number: Double, _ short: String, _ json: String) {
        #expect(shortText(number) == short)
        #expect(jsonNumberText(number) == json)
    }

    @Test(
        arguments: [
            (0, "1970-01-01 00:00:00 +0000 UTC"),
            (951_782_400_000_000_000, "2000-02-29 00:00:00 +0000 UTC"),
            (1_581_452_773_000_000_789, "2020-02-11 20:26:13.000000789 +0000 UTC"),
            (1_735_689_599_500_000_000, "2024-12-31 23:59:59.5 +0000 UTC"),
            (.max, "2554-07-21 23:34:33.709551615 +0000 UTC"),
        ] as [(UInt64, String)])
    func timestamps(_ time: UInt64, _ text: String) { #expect(timestampText(time) == text) }

    @Test(
        arguments: [
            (0, "Unspecified"), (1, "Trace"), (4, "Trace4"), (9, "Info"), (17, "Error"),
            (24, "Fatal4"),
            (25, ""), (-1, ""),
        ] as [(Int32, String)])
    func severities(_ number: Int32, _ text: String) { #expect(severityText(number) == text) }
}

private func zeros(_ count: Int) -> String { String(repeating: "0", count: count) }
