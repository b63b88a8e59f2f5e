import Testing
import WeirPrometheus
import WeirSDK
import WeirTestKit

@testable import PrometheusPlugin

struct RelabelTests {
    struct Case: Sendable, CustomStringConvertible {
        var description: String
        var rules: String
        var input: KeyValuePairs<String, String>
        /// `nil`: dropped.
        var output: KeyValuePairs<String, String>?

        init(
            _ description: String, _ rules: String, _ input: KeyValuePairs<String, String>,
            _ output: KeyValuePairs<String, String>?
        ) {
            self.description = description
            self.rules = rules
            self.input = input
            self.output = output
        }
    }

    @Test(arguments: cases) func applies(_ row: Case) throws {
        let host = FakeHost()
        let rules = try host.relabelling(row.rules)
        let input = labels(row.input)
        let expected = row.output.map(labels)
        #expect(rules.apply(input) == expected)
        let steps = rules.trace(input)
        #expect(steps.last.map(\.labels) ?? input == expected)
    }

    static let cases: [Case] = [
        Case("no rules", "[]", ["a": "1"], ["a": "1"]),
        Case(
            "defaults copy a value", #"[{"source_labels":["a"],"target_label":"b"}]"#,
            ["a": "x"], ["a": "x", "b": "x"]),
        Case(
            "groups in braces and without",
            #"""
            [{"source_labels":["a","b"],"regex":"(.*):(.*);(.*)","target_label":"c",
              "replacement":"${3}-$2-${1}x"}]
            """#,
            ["a": "h:80", "b": "z"], ["a": "h:80", "b": "z", "c": "z-80-hx"]),
        Case(
            "a reference takes all letters that follow",
            #"[{"source_labels":["a"],"target_label":"b","replacement":"$1x"}]"#,
            ["a": "v", "b": "old"], ["a": "v"]),
        Case(
            "two dollars are one, a lone one stays",
            #"[{"source_labels":["a"],"target_label":"b","replacement":"$$1 $ ${ ${1"}]"#,
            ["a": "v"], ["a": "v", "b": "$1 $ ${ ${1"]),
        Case(
            "named groups",
            #"""
            [{"source_labels":["a"],"regex":"(?P<host>[^:]+):.*","target_label":"b",
              "replacement":"$host!"}]
            """#, ["a": "h:1"], ["a": "h:1", "b": "h!"]),
        Case(
            "group 0 is all, an unknown group nothing",
            #"[{"source_labels":["a"],"target_label":"b","replacement":"<$0>${7}"}]"#,
            ["a": "v"], ["a": "v", "b": "<v>"]),
        Case(
            "missing labels are empty",
            #"[{"source_labels":["a","q"],"separator":"@","target_label":"b"}]"#,
            ["a": "v"], ["a": "v", "b": "v@"]),
        Case(
            "an empty replacement removes",
            #"[{"source_labels":["a"],"target_label":"a","replacement":""}]"#,
            ["a": "v", "b": "w"], ["b": "w"]),
        Case(
            "no sources and a fixed text",
            #"[{"target_label":"__address__","replacement":"blackbox:9115"}]"#,
            ["a": "v"], ["__address__": "blackbox:9115", "a": "v"]),
        Case(
            "no match changes nothing",
            #"[{"source_labels":["a"],"regex":"x(.*)","target_label":"b","replacement":"n"}]"#,
            ["a": "v", "b": "w"], ["a": "v", "b": "w"]),
        Case(
            "the expression is anchored",
            #"[{"source_labels":["a"],"regex":"o|f","action":"keep"}]"#, ["a": "foo"], nil),
        Case(
            "a target from a group",
            #"""
            [{"source_labels":["a"],"regex":"(\\w+)=(.*)","target_label":"${1}_x",
              "replacement":"$2"}]
            """#, ["a": "k=v"], ["a": "k=v", "k_x": "v"]),
        Case(
            "an empty target is left alone",
            #"[{"source_labels":["a"],"regex":"(q?).*","target_label":"$1","replacement":"v"}]"#,
            ["a": "x"], ["a": "x"]),
        Case(
            "a dot matches a line end",
            #"[{"source_labels":["a"],"regex":"x.y","action":"keep"}]"#,
            ["a": "x\ny"], ["a": "x\ny"]),
        Case(
            "keep", #"[{"source_labels":["a","b"],"regex":"x;y","action":"keep"}]"#,
            ["a": "x", "b": "y"], ["a": "x", "b": "y"]),
        Case(
            "keep by a truth value", #"[{"source_labels":["a"],"regex":true,"action":"keep"}]"#,
            ["a": "true"], ["a": "true"]),
        Case(
            "drop", #"[{"source_labels":["a"],"regex":"go_.*","action":"drop"}]"#,
            ["a": "go_gc"], nil),
        Case(
            "drop leaves others", #"[{"source_labels":["a"],"regex":"go_.+","action":"drop"}]"#,
            ["a": "go_"], ["a": "go_"]),
        Case(
            "drop what is not there", #"[{"source_labels":["q"],"regex":"","action":"drop"}]"#,
            ["a": "1"], nil),
        Case(
            "keepequal",
            #"[{"source_labels":["a","b"],"target_label":"c","action":"keepequal"}]"#,
            ["a": "x", "b": "y", "c": "x;y"], ["a": "x", "b": "y", "c": "x;y"]),
        Case(
            "keepequal drops",
            #"[{"source_labels":["a"],"target_label":"c","action":"KeepEqual"}]"#,
            ["a": "x", "c": "y"], nil),
        Case(
            "dropequal", #"[{"source_labels":["a"],"target_label":"c","action":"dropequal"}]"#,
            ["a": "x", "c": "x"], nil),
        Case(
            "hashmod",
            #"[{"source_labels":["c"],"target_label":"d","action":"hashmod","modulus":1000}]"#,
            ["c": "baz"], ["c": "baz", "d": "976"]),
        Case(
            "hashmod over a line end",
            #"[{"source_labels":["a"],"target_label":"b","action":"hashmod","modulus":1000}]"#,
            ["a": "foo\nbar"], ["a": "foo\nbar", "b": "734"]),
        Case(
            "labelmap",
            #"[{"regex":"__meta_(.+)_label_(.+)","replacement":"$1:$2","action":"labelmap"}]"#,
            ["__meta_pod_label_app": "x", "b": "y"],
            ["__meta_pod_label_app": "x", "b": "y", "pod:app": "x"]),
        Case(
            "labeldrop", #"[{"regex":"a.*|b","action":"labeldrop"}]"#,
            ["a": "1", "aa": "2", "b": "3", "bb": "4"], ["bb": "4"]),
        Case(
            "labelkeep", #"[{"regex":"a.*","action":"labelkeep"}]"#,
            ["a": "1", "aa": "2", "b": "3"], ["a": "1", "aa": "2"]),
        Case(
            "lowercase", #"[{"source_labels":["a"],"target_label":"b","action":"lowercase"}]"#,
            ["a": "FoO-Ä"], ["a": "FoO-Ä", "b": "foo-ä"]),
        Case(
            "uppercase", #"[{"source_labels":["a"],"target_label":"b","action":"uppercase"}]"#,
            ["a": "foß"], ["a": "foß", "b": "FOß"]),
        Case(
            "composed and decomposed letters differ",
            #"[{"source_labels":["a"],"target_label":"b","action":"keepequal"}]"#,
            ["a": "\u{E9}", "b": "e\u{301}"], nil),
        Case(
            "a pod's annotation gives port and path",
            #"""
            [{"source_labels":["__meta_scrape"],"regex":true,"action":"keep"},
             {"source_labels":["__meta_path"],"regex":"(.+)","target_label":"__metrics_path__"},
             {"source_labels":["__address__","__meta_port"],"regex":"([^:]+)(?::\\d+)?;(\\d+)",
              "replacement":"$1:$2","target_label":"__address__"},
             {"regex":"__meta_.*","action":"labeldrop"}]
            """#,
            [
                "__meta_scrape": "true", "__meta_path": "/m", "__meta_port": "8080",
                "__address__": "10.0.0.1:80",
            ],
            ["__address__": "10.0.0.1:8080", "__metrics_path__": "/m"]),
    ]

    /// The short cuts of Matcher say what the expression says.
    @Test(arguments: [
        ".*", "(.*)", ".+", "(.+)", "", "a", "a|b", "a|", "go_.*", "go_.+", "a;b", "x:y/z",
    ])
    func shortCutsMatchAsTheExpressionDoes(_ pattern: String) throws {
        let host = FakeHost()
        let plugin = host.asSeenByPlugin
        let matcher = try Matcher(pattern, host: plugin)
        let expression = try #require(plugin.regex).compile(pattern, .dotMatchesNewline)
        for text in ["", "a", "b", "ab", "go_", "go_x", "go_\n", "a;b", "x:y/z", "é"] {
            #expect(matcher.matches(text) == expression.matches(text), "\(text)")
            #expect(matcher.captures(text) == expression.wholeMatch(text), "\(text)")
        }
    }

    @Test func aTraceTellsWhatEachRuleDid() throws {
        let host = FakeHost()
        let rules = try host.relabelling(
            #"""
            [{"source_labels":["a","b"],"target_label":"c"},
             {"regex":"b","action":"labeldrop"},
             {"source_labels":["a"],"regex":"y","action":"keep"},
             {"target_label":"z","replacement":"never"}]
            """#)
        let steps = rules.trace(labels(["a": "x", "b": "1"]))
        #expect(steps.map(\.index) == [0, 1, 2])
        #expect(steps.map(\.matched) == [true, true, false])
        #expect(steps.map(\.source) == ["x;1", "", "x"])
        #expect(steps[0].changes == [RelabelChange(name: "c", from: "", to: "x;1")])
        #expect(steps[1].changes == [RelabelChange(name: "b", from: "1", to: "")])
        #expect(steps[1].labels == labels(["a": "x", "c": "x;1"]))
        #expect(steps[2].labels == nil)
    }
}
