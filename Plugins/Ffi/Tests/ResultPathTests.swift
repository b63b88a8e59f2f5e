import Testing
import WeirJSON

@testable import FfiPlugin

struct ResultPathTests {
    static let result = try! JSONValue(
        parsing:
            #"{"return": 2, "s": [{"c": 1.5, "n": "a"}, {"c": 2.5, "n": "b"}], "m": [[1, 2], [3, 4]]}"#
    )

    @Test(arguments: [
        ("return", 0, "2"), ("s[1].c", 0, "2.5"), ("s[*].n", 1, "\"b\""), ("m[1][0]", 0, "3"),
        ("m[*][1]", 1, "4"),
    ])
    func finds(_ text: String, _ element: Int, _ expected: String) throws {
        let path = try #require(ResultPath(text))
        #expect(path.find(in: Self.result, element: element)?.serialized() == expected)
    }

    @Test(arguments: ["s[2].c", "s.c", "return[0]", "x"])
    func findsNothing(_ text: String) throws {
        #expect(try #require(ResultPath(text)).find(in: Self.result) == nil)
    }

    @Test(arguments: [("return", 1), ("s[*].c", 2), ("m[0][*]", 2), ("return[*]", 0)])
    func counts(_ text: String, _ expected: Int) throws {
        #expect(try #require(ResultPath(text)).count(in: Self.result) == expected)
    }

    @Test(arguments: ["", ".a", "a.", "a[", "a[x]", "a[-1]", "a[*][*]", "a]", "a[0]b"])
    func isNoPath(_ text: String) { #expect(ResultPath(text) == nil) }
}
