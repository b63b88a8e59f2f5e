import Testing
import WeirSDK

@Suite struct SettingsProblemsTests {
    @Test func nothingIsThrownWhereNothingIsWrong() throws {
        var problems = SettingsProblems()
        problems.check { () throws(ComponentError) in }
        try problems.report()
    }

    @Test func allIsThrownAtOnceALineForEach() {
        var problems = SettingsProblems()
        problems.add("a: one\nand more")
        problems.check { () throws(ComponentError) in throw .invalid("b.c: two") }
        problems.add("b.c: two")
        #expect(throws: ComponentError.invalid("a: one and more\nb.c: two")) {
            try problems.report()
        }
    }

    /// No message is cut, and the first is there whatever its length.
    @Test(arguments: [(100, 4), (300, 1), (500, 1)])
    func asManyAsAnErrorHasRoomFor(length: Int, lines: Int) {
        var problems = SettingsProblems()
        for number in 0..<9 { problems.add("\(number)" + String(repeating: "x", count: length)) }
        let error = #expect(throws: ComponentError.self) { try problems.report() }
        #expect(error?.message.split(separator: "\n").count == lines)
    }
}
