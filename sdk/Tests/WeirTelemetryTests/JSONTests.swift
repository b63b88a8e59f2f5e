import Testing
import WeirJSON

@Suite struct JSONTests {
    @Test(arguments: [
        "null", "true", "[]", "{}", "[1,2.5,-3,1e+20]", #"{"a":{"b":[null,false]},"c":"d"}"#,
        #"{"a":1,"a":2}"#, "-0.0", "9223372036854775807", "-9223372036854775808", "1e-05",
        #""\"\\\n\u0001é€😀""#,
    ])
    func roundTrips(text: String) throws {
        let value = try JSONValue(parsing: text)
        #expect(value.serialized() == text)
        #expect(try JSONValue(parsing: value.serialized(pretty: true)) == value)
    }

    @Test func resolvesEscapes() throws {
        let value = try JSONValue(parsing: #""\u0041\/\b\f\n\r\t\ud83d\ude00\"\\""#)
        #expect(value == .string("A/\u{8}\u{c}\n\r\t😀\"\\"))
    }

    @Test func printsPretty() throws {
        let value = try JSONValue(parsing: #"{"a":[1,{"b":null}],"c":[],"d":{}}"#)
        #expect(
            value.serialized(pretty: true) == """
                {
                  "a": [
                    1,
                    {
                      "b": null
                    }
                  ],
                  "c": [],
                  "d": {}
                }
                """)
    }

    @Test(arguments: [
        ("", 0), ("nul", 0), ("01", 1), ("1.", 2), ("-", 1), ("1e", 2), ("+1", 0), (".5", 0),
        ("[1,]", 3), ("[1 2]", 3), ("{\"a\":1,}", 7), ("{\"a\" 1}", 5), ("{a:1}", 1), ("[", 1),
        ("\"a", 2), ("\"\u{1}\"", 1), (#""\x""#, 2), (#""\u12g4""#, 5), (#""\ud800""#, 1),
        (#""\ude00""#, 1), ("1 2", 2), ("\u{feff}1", 0), ("1e999", 0), ("'a'", 0), ("[1}", 2),
    ])
    func refuses(text: String, offset: Int) {
        let error = #expect(throws: JSONError.self) { try JSONValue(parsing: text) }
        #expect(error?.offset == offset)
        // Skipping is as strict as reading, but for the range of numbers.
        guard text != "1e999" else { return }
        let bytes = Array(text.utf8)
        let skipError = #expect(throws: JSONError.self) {
            var reader = unsafe JSONReader(bytes.span.bytes)
            try reader.skipValue()
            try reader.finish()
        }
        #expect(skipError?.offset == offset)
    }

    @Test(arguments: [
        [0x22, 0xff, 0x22], [0x22, 0xc0, 0x80, 0x22], [0x22, 0xed, 0xa0, 0x80, 0x22],
    ])
    func refusesWhatIsNotUTF8(bytes: [UInt8]) {
        let error = #expect(throws: JSONError.self) { try JSONValue(parsing: bytes) }
        #expect(error?.offset == 1)
        #expect(error?.expected == "UTF-8")
    }

    @Test func limitsDepth() throws {
        let deep = String(repeating: "[", count: 600) + String(repeating: "]", count: 600)
        let error = #expect(throws: JSONError.self) { try JSONValue(parsing: deep) }
        #expect(error?.offset == 512)
    }

    @Test func skipsValuesInsideOthers() throws {
        let bytes = Array(#"{"a":{"x":[1,{"y":"z\n"}],"w":[]},"b":7}"#.utf8)
        var reader = unsafe JSONReader(bytes.span.bytes)
        try reader.beginObject()
        var found: Int64?
        while let key = try reader.nextKey() {
            if key.equals("b") {
                found = try reader.readNumber().int64
            } else {
                try reader.skipValue()
            }
        }
        try reader.finish()
        #expect(found == 7)
    }

    @Test func writesWhatJSONHasNoNumberFor() {
        var writer = JSONWriter()
        writer.beginArray()
        for number in [Double.nan, .infinity, -.infinity, 0.1] { writer.double(number) }
        writer.quotedInteger(UInt64.max)
        writer.endArray()
        let text = String(decoding: writer.bytes, as: UTF8.self)
        #expect(text == #"["NaN","Infinity","-Infinity",0.1,"18446744073709551615"]"#)
    }
}
