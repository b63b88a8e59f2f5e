import CWeir
import Testing

@testable import WeirRuntime

@Suite struct ExpositionTextTests {
    /// As strconv.FormatFloat(x, 'g', -1, 64) writes them.
    @Test(arguments: [
        (0.005, "0.005"), (0.1, "0.1"), (1, "1"), (2.5, "2.5"), (10, "10"), (100_000, "100000"),
        (999_999.5, "999999.5"), (1_000_000, "1e+06"), (1_234_567, "1.234567e+06"),
        (1.5e9, "1.5e+09"), (1e21, "1e+21"), (1e100, "1e+100"), (0.0001, "0.0001"),
        (0.00001, "1e-05"), (2.5e-7, "2.5e-07"), (-0.25, "-0.25"), (-3e6, "-3e+06"), (0, "0"),
        (.infinity, "+Inf"), (-.infinity, "-Inf"), (0.30000000000000004, "0.30000000000000004"),
    ])
    func boundsAreWrittenAsGoWritesThem(_ bound: Double, _ expected: String) {
        #expect(ExpositionText.bound(bound) == expected)
    }

    @Test(arguments: [
        (12.0, "12"), (1.5, "1.5"), (1e14, "100000000000000"), (1e16, "1e+16"), (.nan, "NaN"),
        (.infinity, "+Inf"), (-.infinity, "-Inf"), (-0.0, "0"),
    ])
    func valuesAreExact(_ value: Double, _ expected: String) {
        #expect(ExpositionText.number(value) == expected)
    }

    @Test func textIsEscaped() {
        var page = ExpositionText()
        page.family("a", type: "gauge", help: "Says \"x\\y\"\nand more.")
        page.sample("a", [("l", "\"x\\y\"\n")], "1")
        page.sample("b", [], "2")
        page.comment("one\ntwo")
        #expect(
            page.text == #"""
                # HELP a Says "x\\y"\nand more.
                # TYPE a gauge
                a{l="\"x\\y\"\n"} 1
                b 2
                # one two

                """#)
    }
}
