import CWeir
import Testing

@testable import WeirRuntime

/// weir/ext/regex.h as a plugin calls it.
struct RegexTableTests {
    /// A compiled expression, released at the end.
    final class Expression {
        let raw: OpaquePointer
        private let api = RegexTable.shared

        init(_ pattern: String, flags: Int = 0) throws {
            var made: OpaquePointer? = nil
            var error = weir_error.make()
            let status = withText(pattern) {
                RegexTable.shared.pointee.compile(nil, $0, UInt32(flags), &made, &error)
            }
            guard status == Status.ok else { throw Failure(status: status, text: error.text) }
            raw = made!
        }

        deinit { api.pointee.release(nil, raw) }

        var groupCount: UInt32 { api.pointee.group_count(nil, raw) }
        func groupName(_ group: UInt32) -> String { api.pointee.group_name(nil, raw, group).string }

        /// The captures as texts: `-` for a group that took no part; `nil`: no match.
        func match(_ text: String, from: Int = 0, whole: Bool = true, groups: Int = 3) -> [String]?
        {
            let mode = UInt32(whole ? WEIR_REGEX_WHOLE : WEIR_REGEX_SEARCH)
            var captures = Array(repeating: weir_capture(start: 7, end: 7), count: groups)
            let bytes = Array(text.utf8)
            let found = withText(text) {
                api.pointee.match(nil, raw, $0, from, mode, &captures, UInt32(groups))
            }
            guard found else { return nil }
            return captures.map {
                $0.start < 0 ? "-" : String(decoding: bytes[$0.start..<$0.end], as: UTF8.self)
            }
        }
    }

    struct Failure: Error {
        var status: weir_status
        var text: String
    }

    struct Case: CustomTestStringConvertible, Sendable {
        var pattern: String
        var text: String
        var whole = true
        var from = 0
        var captures: [String]?
        var testDescription: String { "\(pattern) on \(text)" }
    }

    @Test(arguments: [
        Case(pattern: "a(b)?(c)?", text: "ac", captures: ["ac", "-", "c"]),
        Case(pattern: "a(b)?(c)?", text: "acd", captures: nil),
        Case(pattern: "a(b)?(c)?", text: "xacd", whole: false, captures: ["ac", "-", "c"]),
        Case(pattern: "", text: "", captures: ["", "-", "-"]),
        Case(pattern: "x*", text: "", captures: ["", "-", "-"]),
        Case(pattern: "(x*)", text: "a", whole: false, captures: ["", "", "-"]),
        Case(pattern: "é(.)", text: "éß", captures: ["éß", "ß", "-"]),
        Case(pattern: "^b", text: "ab", whole: false, from: 1, captures: nil),
        Case(pattern: "\\bb", text: "ab b", whole: false, from: 1, captures: ["b", "-", "-"]),
        Case(pattern: "b$", text: "ab", from: 1, captures: ["b", "-", "-"]),
        Case(pattern: "a|ab", text: "ab", captures: ["ab", "-", "-"]),
        Case(pattern: "a|ab", text: "ab", whole: false, captures: ["a", "-", "-"]),
        Case(pattern: "[[:alpha:]]+", text: "abc", captures: ["abc", "-", "-"]),
        Case(pattern: "\\pL+", text: "Ωж", captures: ["Ωж", "-", "-"]),
        Case(pattern: "(?i)AB", text: "ab", captures: ["ab", "-", "-"]),
        Case(pattern: "a.b", text: "a\nb", captures: nil),
        Case(pattern: "(?s)a.b", text: "a\nb", captures: ["a\nb", "-", "-"]),
        Case(pattern: "a", text: "a", from: 2, captures: nil),
    ])
    func matches(_ given: Case) throws {
        let expression = try Expression(given.pattern)
        #expect(
            expression.match(given.text, from: given.from, whole: given.whole) == given.captures)
        #expect(
            (expression.match(given.text, from: given.from, whole: given.whole, groups: 0) != nil)
                == (given.captures != nil))
    }

    @Test func flagsChangeTheMeaning() throws {
        let dot = try Expression("a.B", flags: WEIR_REGEX_DOT_MATCHES_NEWLINE)
        #expect(dot.match("a\nB") != nil && dot.match("a\nb") == nil)
        let both = WEIR_REGEX_CASE_INSENSITIVE | WEIR_REGEX_DOT_MATCHES_NEWLINE
        #expect(try Expression("a.B", flags: both).match("A\nb") != nil)
        let failure = #expect(throws: Failure.self) { _ = try Expression("a", flags: 4) }
        #expect(failure?.status == Status.unsupported)
    }

    @Test func groupsHaveNames() throws {
        let expression = try Expression("(?P<host>a)(b)(?P<port_1>c)")
        #expect(expression.groupCount == 3)
        #expect((0...4).map { expression.groupName($0) } == ["", "host", "", "port_1", ""])
    }

    @Test func moreGroupsThanLieOnTheStack() throws {
        let expression = try Expression(String(repeating: "(a)", count: 40))
        let captures = try #require(
            expression.match(String(repeating: "a", count: 40), groups: 42))
        #expect(captures.count == 42)
        #expect(captures[1...40].allSatisfy { $0 == "a" } && captures[41] == "-")
    }

    @Test(arguments: [
        ("a(b", "missing ): a(b"), ("a)b", "unexpected ): a)b"),
        ("ab\\", "trailing \\, at character 3"), ("*a", "no argument for repetition operator: *"),
        ("é[b-a]c", "invalid character class range: b-a, at character 3"),
        ("x\\[y[a", "missing ]: [a, at character 5"), ("(?=a)", "invalid perl operator: (?="),
        ("a\\1", "invalid escape sequence: \\1, at character 2"),
        ("a{1001}", "invalid repetition size: {1001}, at character 2"),
        ("a**b", "bad repetition operator: **, at character 2"),
        ("(?P<n>a)(?P<n>b)", "two groups have the name n"),
        ("\\pX", "invalid character class range: \\pX"),
        ("((a{100}){100}){9}", "invalid repetition size: {100}, at character 10"),
        ("(\\pL{1000})", "pattern too large - compile failed"),
    ])
    func faultsAreExplained(pattern: String, words: String) throws {
        let failure = #expect(throws: Failure.self) { _ = try Expression(pattern) }
        #expect(failure?.status == Status.invalid)
        #expect(
            failure?.text.hasPrefix(
                "the regular expression \"\(pattern)\" is not valid: \(words)") == true,
            "\(failure?.text ?? "")")
    }

    /// What backtracking would need longer than the universe for.
    @Test func timeIsLinear() throws {
        let expression = try Expression("(a*)*(a*)*(a*)*b")
        let text = String(repeating: "a", count: 20_000)
        #expect(expression.match(text) == nil)
        #expect(expression.match(text + "b") != nil)
    }

    /// A learnt automaton is thrown away when it grows beyond its memory, and the answer is right.
    @Test func memoryIsBounded() throws {
        let expression = try Expression("[01]*1[01]{14}")
        var state: UInt64 = 1
        let bits = (0..<100_000).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state >> 63 == 1 ? "1" : "0"
        }.joined()
        #expect(expression.match(bits + "1" + String(repeating: "0", count: 14)) != nil)
        #expect(expression.match(bits + "0" + String(repeating: "0", count: 14)) == nil)
    }

    @Test func threadsShareAnExpression() async throws {
        nonisolated(unsafe) let expression = try Expression("(\\w+)=(\\d+)")
        await withTaskGroup(of: Bool.self) { group in
            for number in 0..<200 {
                group.addTask { expression.match("k=\(number)")?[2] == "\(number)" }
            }
            for await isRight in group { #expect(isRight) }
        }
    }

    @Test func digestsAreThoseOfTheStandards() {
        var digest = [UInt8](repeating: 0, count: 16)
        withText("message digest") { HashTable.shared.pointee.md5(nil, $0, &digest) }
        let hex = digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        #expect(hex == "f96b697d7cb7938d525a2f31aaf161d0", "RFC 1321, A.5")
        HashTable.shared.pointee.md5(nil, weir_slice(), &digest)
        #expect(digest.prefix(2) == [0xd4, 0x1d])
    }
}

/// Lends a text as the ABI takes it.
func withText<R>(_ text: String, _ body: (weir_slice) throws -> R) rethrows -> R {
    let bytes = Array(text.utf8)
    return try bytes.withUnsafeBufferPointer {
        try body(weir_slice(data: $0.baseAddress, length: $0.count))
    }
}
