import CWeir
import Testing

@testable import WeirRuntime

/// weir/ext/document.h as a plugin calls it.
struct DocumentTableTests {
    /// What was lent, or the error.
    private func read(_ text: String) -> (json: String?, error: String) {
        final class Kept {
            var json: String?
        }
        let kept = Kept()
        var error = weir_error.make()
        let context = Unmanaged.passUnretained(kept).toOpaque()
        let status = withText(text) {
            DocumentTable.shared.pointee.to_json(
                nil, $0,
                { context, json in
                    Unmanaged<Kept>.fromOpaque(context!).takeUnretainedValue().json = json.string
                }, context, &error)
        }
        #expect(status == (kept.json == nil ? Status.invalid : Status.ok))
        return (kept.json, error.text)
    }

    @Test(arguments: [
        (
            #"[{"targets": ["a:1"], "labels": {"k": "v"}}]"#,
            #"[{"targets":["a:1"],"labels":{"k":"v"}}]"#
        ),
        (
            "- targets: ['a:1', b]\n  labels:\n    z: 1\n    a: yes\n",
            #"[{"targets":["a:1","b"],"labels":{"z":1,"a":"yes"}}]"#
        ),
        ("", "null"), ("# nothing\n", "null"), ("---\n...\n", "null"), ("{}", "{}"), ("~", "null"),
        (
            "[1, -2, 0x1f, 0o17, 1.5, 1e3, true, False, null, ~, \"1\", 0123]",
            #"[1,-2,31,15,1.5,1000.0,true,false,null,null,"1",123]"#
        ),
        ("[.inf, -.inf, .nan]", #"[".inf","-.inf",".nan"]"#),
        ("a: &x [1]\nb: *x\n", #"{"a":[1],"b":[1]}"#),
        (
            "a: &x {p: 1, q: 2}\nb:\n  <<: *x\n  q: 3\n",
            #"{"a":{"p":1,"q":2},"b":{"q":3,"p":1}}"#
        ),
        ("a: ${env:HOME}\n", #"{"a":"${env:HOME}"}"#),
        ("a: |\n  line 1\n  line 2\n", #"{"a":"line 1\nline 2\n"}"#),
        ("1: x", #"{"1":"x"}"#),
        ("é: \"\\u00e9\"", #"{"é":"é"}"#),
    ])
    func documentsBecomeJSON(text: String, json: String) {
        let (made, error) = read(text)
        #expect(made == json, "\(error)")
    }

    @Test(arguments: [
        ("a: 1\nb: 2\na: 3\n", "3:1: the key 'a' stands twice"),
        (#"{"a": 1, "a": 2}"#, "1:10: the key 'a' stands twice"),
        ("a:\n\t- b", "2:1: this is not valid YAML"), ("[a, b", "1:1: this is not valid YAML"),
        ("a: *x", "1:4: no anchor '&x'"), ("- a\n---\n- b\n", "2:1: a second document begins"),
        ("a: !secret b", "1:4: unknown tag '!secret'"), ("? [a]\n: b", "1:3: a key must be"),
        ("a: \"\u{1}\"", "1:"), ("a: 1\nb: 2\na: 3\nb: 4\n", "3:1: the key 'a'"),
    ])
    func faultsHaveTheirPlace(text: String, words: String) {
        let (made, error) = read(text)
        #expect(made == nil)
        #expect(error.hasPrefix(words), "\(error)")
    }

    @Test func howManyMoreFaultsThereAreIsSaid() {
        #expect(read("a: 1\nb: 2\na: 3\nb: 4\n").error.hasSuffix("(and 1 more)"))
    }

    @Test func aSmallDocumentCannotBecomeALargeOne() {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...8 {
            let alias = "*a\(level - 1)"
            text +=
                "a\(level): &a\(level) [\(Array(repeating: alias, count: 10).joined(separator: ", "))]\n"
        }
        #expect(read(text).error.contains("aliases make this document too large"))
        let deep = String(repeating: "[", count: 1000)
        #expect(read(deep).error.contains("nested too deep") || read(deep).json == nil)
    }
}
