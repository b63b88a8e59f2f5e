import Testing

@testable import WeirPrometheus

/// What a reader finds in a text, each line as text; the last is the error, if there is one.
func entries(_ text: String, openMetrics: Bool = false) -> [String] {
    let bytes = Array(text.utf8)
    var result: [String] = []
    var reader = TextReader(bytes.raw, openMetrics: openMetrics)
    func string(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
    do throws(ExpositionError) {
        while let entry = try reader.next() {
            switch entry {
            case .comment: result.append("comment")
            case .type: result.append("type \(string(reader.name)) \(reader.type.rawValue)")
            case .help: result.append("help \(string(reader.name)) \(string(reader.text))")
            case .unit: result.append("unit \(string(reader.name)) \(string(reader.text))")
            case .sample: result.append(sample(reader, string))
            }
        }
    } catch {
        result.append("\(error.line):\(error.column) \(error.message)")
    }
    return result
}

private func sample(_ reader: borrowing TextReader, _ string: (Range<Int>) -> String) -> String {
    let bytes = Array(string(reader.series).utf8)
    var text = SeriesText(bytes.raw)
    let (name, labels) = text.decode()
    let pairs = labels.map { "\($0.name)=\($0.value)" }.joined(separator: ",")
    var result = "\(name){\(pairs)} \(reader.value)"
    if let time = reader.timestamp { result += " @\(time)" }
    if let exemplar = reader.exemplar {
        result += " # {\(string(exemplar.labels))} \(exemplar.value)"
        if let time = exemplar.timestamp { result += " @\(time)" }
    }
    return result
}

@Suite struct TextReaderTests {
    @Test(
        arguments: [
            ("", []), ("\n\n \t\n", []), ("a 1", ["a{} 1.0"]), ("a 1\n", ["a{} 1.0"]),
            ("  a\t 1 \n", ["a{} 1.0"]), ("a 1 1500", ["a{} 1.0 @1500000000"]),
            ("a 1 1500 \t\n", ["a{} 1.0 @1500000000"]), ("a{} 1", ["a{} 1.0"]),
            ("a{}1", ["a{} 1.0"]),
            ("a -Inf\nb +inf\nc NaN\n", ["a{} -inf", "b{} inf", "c{} nan(0x1)"]),
            ("a 1e5\nb .5\nc 5.\n", ["a{} 100000.0", "b{} 0.5", "c{} 5.0"]),
            ("a:b{c=\"d\"} 1", ["a:b{c=d} 1.0"]), ("a{c=\"d\",} 1", ["a{c=d} 1.0"]),
            ("a { c = \"d\" , e= \"f\" , } 1", ["a{c=d,e=f} 1.0"]),
            ("a{c=\"d\" e=\"f\"} 1", ["a{c=d,e=f} 1.0"]), ("a{c=\"\"} 1", ["a{c=} 1.0"]),
            (#"a{b="\"q\" \\ \n \x"} 1"#, ["a{b=\"q\" \\ \n \\x} 1.0"]),
            ("a{b=\"line\nbreak {},=#\"} 1", ["a{b=line\nbreak {},=#} 1.0"]),
            ("a{b=\"Tür, mit langem Namen €\"} 1", ["a{b=Tür, mit langem Namen €} 1.0"]),
            ("a{b=\"x\u{0}\"} 1", ["a{b=x\u{0}} 1.0"]),
            // UTF-8 names, in quotes.
            (#"{"my.metric"} 1"#, ["my.metric{} 1.0"]),
            (#"{ "my.metric" , "a.b"="c", d="e" } 1"#, ["my.metric{a.b=c,d=e} 1.0"]),
            (#"{a="b","my.metric"} 1"#, ["my.metric{a=b} 1.0"]),
            (#"{"m\"\\\n"} 1"#, ["m\"\\\n{} 1.0"]), (#"a{"b.c"="d"} 1"#, ["a{b.c=d} 1.0"]),
            // A name runs into its value.
            ("a-1\n", ["a{} -1.0"]), ("a.5\n", ["a{} 0.5"]),
        ] as [(String, [String])])
    func takesSamples(_ text: String, _ expected: [String]) {
        #expect(entries(text) == expected)
    }

    @Test(
        arguments: [
            ("# HELP a The help. \n", ["help a The help. "]), ("#\tHELP\ta  two", ["help a  two"]),
            ("# HELP a\n# HELP b \n", ["help a ", "help b "]),
            ("# TYPE a counter\n# TYPE b untyped", ["type a counter", "type b unknown"]),
            ("  # TYPE a gauge\n", ["type a gauge"]),
            ("# TYPE \"a b\" gauge\n", ["type a b gauge"]),
            ("# HELP a x\\\\y\\n", ["help a x\\\\y\\n"]),
            // Comments: without a blank, another word, half a word.
            (
                "#HELP a b\n#\n# \n# foo\n# HELPER a\n# TYPE\n# EOF\n",
                Array(repeating: "comment", count: 7)
            ),
            ("# UNIT a_s s\n", ["comment"]), ("# TYPED\r\n", ["comment"]),
            ("a 1\n\u{0}\u{0}\u{0}", ["a{} 1.0"]),
        ] as [(String, [String])])
    func takesMetadata(_ text: String, _ expected: [String]) {
        #expect(entries(text) == expected)
    }

    @Test(arguments: [
        ("a\n", "1:2 found the end of the line, expected a number: digits, Inf or NaN"),
        ("a", "1:2 found the end of the exposition, expected a number: digits, Inf or NaN"),
        ("x 1\na true\n", "2:3 found \"true\", expected a number: digits, Inf or NaN"),
        ("a 1_2\n", "1:3 found \"1_2\", expected a number: digits, Inf or NaN"),
        ("a 0x1p-3\n", "1:3 found \"0x1p\", expected a number: digits, Inf or NaN"),
        ("a 1e400\n", "1:3 found \"1e400\", expected a number: digits, Inf or NaN"),
        ("a +nan\n", "1:3 found \"+nan\", expected a number: digits, Inf or NaN"),
        ("a 1\r\n", "1:3 found \"1\", expected a number: digits, Inf or NaN"),
        (
            "a 1 -5\n",
            "1:5 found \"-5\", expected a timestamp in milliseconds or the end of the line"
        ),
        ("a 1 1.5\n", "1:6 found \".5\", expected the end of the line"),
        ("a 1 5 6\n", "1:7 found \"6\", expected the end of the line"),
        (
            "a 1 99999999999999999999\n",
            "1:5 found too large a number, expected a timestamp in milliseconds"
        ),
        ("{a=\"b\"} 1\n", "1:1 found a series without one, expected a metric's name"),
        ("{} 1\n", "1:1 found a series without one, expected a metric's name"),
        ("a{b='c'} 1\n", "1:5 found \"'c\", expected a label's value in double quotes"),
        ("a{b=\"c} 1\n", "2:1 found the end of the exposition, expected the closing double quote"),
        ("a{b=\"c\",,} 1\n", "1:9 found \",\", expected a label's name or \"}\""),
        ("a{,} 1\n", "1:3 found \",\", expected a label's name or \"}\""),
        ("a{b} 1\n", "1:4 found \"}\", expected \"=\" after a label's name"),
        ("a{=\"b\"} 1\n", "1:3 found \"=\", expected a label's name or \"}\""),
        ("a{1b=\"c\"} 1\n", "1:3 found \"1b\", expected a label's name or \"}\""),
        ("a{b:c=\"d\"} 1\n", "1:4 found \":c\", expected \"=\" after a label's name"),
        ("a{\u{e9}=\"d\"} 1\n", "1:3 found the byte 0xc3, expected a label's name or \"}\""),
        (
            #"a{"b"} 1"#,
            "1:3 found \"\"b\", expected a label: the series has a name already"
        ),
        (#"{""} 1"#, "1:2 found an empty one, expected a name"),
        (#"{"a",""="b"} 1"#, "1:6 found an empty one, expected a name"),
        (
            "# TYPE a\n",
            "1:9 found the end of the line, expected counter, gauge, histogram, summary or untyped"
        ),
        (
            "# TYPE a counter \n",
            "1:10 found \"counter\", expected counter, gauge, histogram, summary or untyped"
        ),
        (
            "# TYPE a info\n",
            "1:10 found \"info\", expected counter, gauge, histogram, summary or untyped"
        ),
        (
            "# TYPE a unknown\n",
            "1:10 found \"unknown\", expected counter, gauge, histogram, summary or untyped"
        ),
        (
            "# TYPE a counter\r\n",
            "1:10 found \"counter\", expected counter, gauge, histogram, summary or untyped"
        ),
        ("# HELP 1 x\n", "1:8 found \"1\", expected a metric's name"),
        ("# HELP \n", "1:8 found the end of the line, expected a metric's name"),
        ("1a 2\n", "1:1 found \"1a\", expected a metric's name, \"{\" or \"#\""),
        ("<html>\n", "1:1 found \"<html\", expected a metric's name, \"{\" or \"#\""),
    ])
    func refuses(_ text: String, _ error: String) {
        #expect(entries(text).last == error)
    }

    @Test func refusesWhatIsNotUTF8() {
        for bytes: [UInt8] in [
            Array("a{b=\"".utf8) + [0xff] + Array("\"} 1\n".utf8),
            Array("a{b=\"12345678".utf8) + [0xc3] + Array("\"} 1\n".utf8),
            Array("# HELP a ".utf8) + [0xff, 0x0a],
        ] {
            var reader = TextReader(bytes.raw, openMetrics: false)
            var message = ""
            do throws(ExpositionError) { _ = try reader.next() } catch { message = error.message }
            #expect(message == "found a text that is not, expected valid UTF-8")
        }
    }
}

@Suite struct OpenMetricsReaderTests {
    @Test(
        arguments: [
            ("# EOF", []), ("# EOF\n", []), ("a 1\n# EOF\n", ["a{} 1.0"]),
            ("a 1 1.5\n# EOF", ["a{} 1.0 @1500000000"]),
            ("a 1 -1\n# EOF", ["a{} 1.0 @-1000000000"]),
            ("a 1 1520879607.789\n# EOF", ["a{} 1.0 @1520879607789000000"]),
            ("a{b=\"c\",} 1\n# EOF", ["a{b=c} 1.0"]),
            ("{\"a.b\",c=\"d\"} 1\n# EOF", ["a.b{c=d} 1.0"]),
            (
                "# HELP a x\\\"y\n# TYPE a_s gauge\n# UNIT a_s s\n# UNIT b \n# EOF",
                ["help a x\\\"y", "type a_s gauge", "unit a_s s", "unit b "]
            ),
            ("# TYPE a gaugehistogram\n# EOF", ["type a gaugehistogram"]),
            ("# TYPE a unknown\n# EOF", ["type a unknown"]),
            ("a_total 1 # {} 0.5\n# EOF", ["a_total{} 1.0 # {} 0.5"]),
            (
                "a 1 2 # {b=\"c # }\"} 0.5 3\n# EOF",
                ["a{} 1.0 @2000000000 # {b=\"c # }\"} 0.5 @3.0"]
            ),
        ] as [(String, [String])])
    func takes(_ text: String, _ expected: [String]) {
        #expect(entries(text, openMetrics: true) == expected)
    }

    @Test(arguments: [
        ("", "1:1 found the end of the exposition, expected \"# EOF\" on the last line"),
        ("a 1\n", "2:1 found the end of the exposition, expected \"# EOF\" on the last line"),
        (
            "a 1",
            "1:4 found the end of the exposition, expected the end of the line, which \"# EOF\" has to follow"
        ),
        ("# EOF\n\n", "2:1 found the end of the line, expected nothing after \"# EOF\""),
        ("# EOF\na 1\n", "2:1 found \"a\", expected nothing after \"# EOF\""),
        ("# EOF \n", "1:6 found a blank, expected nothing after \"# EOF\""),
        ("\n# EOF\n", "1:1 found the end of the line, expected a metric's name, \"{\" or \"# \""),
        (" a 1\n# EOF\n", "1:1 found a blank, expected a metric's name, \"{\" or \"# \""),
        ("a\t1\n# EOF\n", "1:2 found a tab, expected a blank and the value"),
        ("a  1\n# EOF\n", "1:3 found a blank, expected a number: digits, Inf or NaN"),
        (
            "a 1 \n# EOF\n",
            "1:5 found the end of the line, expected a timestamp in seconds, or an exemplar"
        ),
        ("a 1 NaN\n# EOF\n", "1:5 found \"NaN\", expected a timestamp in seconds, or an exemplar"),
        ("a{ b=\"c\"} 1\n# EOF\n", "1:3 found a blank, expected a label's name or \"}\""),
        (
            "a{b=\"c\" d=\"e\"} 1\n# EOF\n",
            "1:8 found a blank, expected \",\" or \"}\" after a label"
        ),
        ("a {b=\"c\"} 1\n# EOF\n", "1:3 found \"{b\", expected a number: digits, Inf or NaN"),
        (
            "a{b=\"c\nd\"} 1\n# EOF\n",
            "1:7 found the end of the line, expected the closing double quote"
        ),
        ("#comment\n# EOF\n", "1:2 found \"comment\", expected a blank after \"#\""),
        ("# comment\n# EOF\n", "1:3 found \"comment\", expected HELP, TYPE, UNIT or EOF"),
        ("#\n# EOF\n", "1:2 found the end of the line, expected a blank after \"#\""),
        ("# HELP a\n# EOF\n", "1:9 found the end of the line, expected a blank and a text"),
        ("# HELP  a b\n# EOF\n", "1:8 found a blank, expected a metric's name"),
        (
            "# TYPE a untyped\n# EOF\n",
            "1:10 found \"untyped\", expected counter, gauge, histogram, gaugehistogram, summary, info, "
                + "stateset or unknown"
        ),
        (
            "# UNIT a_s m\n# EOF\n",
            "1:12 found \"m\", expected a unit that the metric's name ends with, after \"_\""
        ),
        (
            "# UNIT as s\n# EOF\n",
            "1:11 found \"s\", expected a unit that the metric's name ends with, after \"_\""
        ),
        (
            "a 1 # {b=\"c\"}\n# EOF\n",
            "1:14 found the end of the line, expected a blank and the exemplar's value"
        ),
        ("a 1 #{b=\"c\"} 1\n# EOF\n", "1:5 found \"#\", expected an exemplar: \"# {\""),
        ("a 1 # {\"c\"} 1\n# EOF\n", "1:11 found \"}\", expected \"=\" after a label's name"),
        ("a 1 # {} 1 x\n# EOF\n", "1:12 found \"x\", expected the exemplar's timestamp in seconds"),
        (
            "a 1 # {} 1 2 3\n# EOF\n",
            "1:13 found a blank, expected the end of the line, which \"# EOF\" has to follow"
        ),
        ("a 1\r\n# EOF\n", "1:3 found \"1\", expected a number: digits, Inf or NaN"),
        ("\u{0}a 1\n# EOF\n", "1:1 found the byte 0x00, expected a metric's name, \"{\" or \"# \""),
    ])
    func refuses(_ text: String, _ error: String) {
        #expect(entries(text, openMetrics: true).last == error)
    }

    @Test(
        arguments: [
            (123.123, 123_123_000_000), (1520872607.123, 1_520_872_607_123_000_000),
            (1690000000.1234567, 1_690_000_000_123_456_717), (-1.5, -1_500_000_000), (0, 0),
            (1e300, .max), (-1e300, .min),
        ] as [(Double, Int64)])
    func secondsMeanWhatWasWritten(_ seconds: Double, _ expected: Int64) {
        #expect(nanoseconds(seconds) == expected)
    }
}

@Suite struct ContentTypeTests {
    @Test(
        arguments: [
            ("text/plain; version=0.0.4", .text), ("text/plain", .text), ("TEXT/Plain ;x", .text),
            ("text/plain; version=1.0.0; escaping=allow-utf-8", .text),
            ("application/openmetrics-text; version=1.0.0; charset=utf-8", .openMetrics),
            (
                "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; "
                    + "encoding=delimited", .protobuf
            ),
            ("application/json", nil), ("", nil), ("text/html", nil),
        ] as [(String, ExpositionFormat?)])
    func namesTheFormat(_ contentType: String, _ format: ExpositionFormat?) {
        #expect(ExpositionFormat(contentType: contentType) == format)
    }
}
