import Testing
import WeirJSON
import WeirTelemetry

@Suite struct TelemetryJSONTests {
    private func parse(_ text: String, _ signal: Signal = .traces) throws -> [UInt8] {
        try protobuf(fromJSON: Array(text.utf8), as: signal)
    }

    private func print(_ bytes: [UInt8], _ signal: Signal = .traces) throws -> String {
        String(decoding: try bytes.borrowed { try json($0, as: signal) }, as: UTF8.self)
    }

    @Test(arguments: [("traces", Signal.traces), ("metrics", .metrics), ("logs", .logs)])
    func agreesWithGooglesProtobuf(name: String, signal: Signal) throws {
        let type = MessageType(requestOf: signal)
        let golden = try fixture(name + ".json")
        let bytes = try fixture(name + ".pb")
        let expected = sorted(try JSONValue(parsing: golden))
        for file in [name + ".pb", name + "_descending.pb"] {
            let text = try fixture(file).borrowed { try json($0, as: signal) }
            #expect(!text.contains(UInt8(ascii: "\n")))
            #expect(sorted(try JSONValue(parsing: text)) == expected)
        }
        let back = try protobuf(fromJSON: golden, as: signal)
        #expect(Canonical(back, type) == Canonical(bytes, type))
        #expect(try scan(back, as: signal).items == scan(bytes, as: signal).items)
    }

    private func sorted(_ value: JSONValue) -> JSONValue {
        switch value {
        case .array(let elements): .array(elements.map(sorted))
        case .object(let members):
            .object(
                members.map { JSONMember($0.key, sorted($0.value)) }.sorted { $0.key < $1.key })
        case .integer(let number): .number(Double(number))
        default: value
        }
    }

    @Test(arguments: Signal.allCases, 0..<120 as Range<UInt64>)
    func roundTripsRandomRequests(signal: Signal, seed: UInt64) throws {
        var random = RandomRequest(seed: seed)
        let bytes = random.request(signal)
        let text = try bytes.borrowed { try json($0, as: signal) }
        let back = try protobuf(fromJSON: text, as: signal)
        let type = MessageType(requestOf: signal)
        #expect(Canonical(back, type) == Canonical(bytes, type))
    }

    static let accepted: [(json: String, field: [UInt8])] = [
        (#"{"startTimeUnixNano":"5"}"#, field(7, fixed64: 5)),
        (#"{"start_time_unix_nano":5}"#, field(7, fixed64: 5)),
        (#"{"startTimeUnixNano":5e0}"#, field(7, fixed64: 5)),
        (#"{"startTimeUnixNano":"18446744073709551615"}"#, field(7, fixed64: .max)),
        (#"{"kind":3}"#, field(6, varint: 3)),
        (#"{"kind":"SPAN_KIND_CLIENT"}"#, field(6, varint: 3)),
        (#"{"name":null,"future":{"x":[1,{}]},"kind":1}"#, field(6, varint: 1)),
        (#"{"spanId":"00ABcdef00000001"}"#, field(2, [0, 0xab, 0xcd, 0xef, 0, 0, 0, 1])),
        (#"{"spanId":""}"#, field(2, [])),
        (#"{"n\u0061me":"\u00e9"}"#, field(5, "é")),
        (#"{"attributes":[]}"#, []),
        (
            #"{"attributes":[{"key":"k","value":{"bytesValue":"-_8="}}]}"#,
            field(9, field(1, "k") + field(2, field(7, [0xfb, 0xff])))
        ),
        (
            #"{"attributes":[{"key":"k","value":{"intValue":"-1"}}]}"#,
            field(9, field(1, "k") + field(2, field(3, varint: .max)))
        ),
        (
            #"{"attributes":[{"key":"k","value":{"doubleValue":"-Infinity"}}]}"#,
            field(9, field(1, "k") + field(2, field(4, fixed64: (-Double.infinity).bitPattern)))
        ),
    ]

    @Test(arguments: accepted)
    func reads(_ row: (json: String, field: [UInt8])) throws {
        let text = #"{"resourceSpans":[{"scopeSpans":[{"spans":["# + row.json + "]}]}]}"
        #expect(try parse(text) == request(field(2, row.field)))
    }

    static let refused: [(json: String, path: String, found: String)] = [
        (#"{"name":5}"#, "name", "'5'"),
        (#"{"startTimeUnixNano":-1}"#, "startTimeUnixNano", "-1"),
        (#"{"startTimeUnixNano":"1.5"}"#, "startTimeUnixNano", "1.5"),
        (#"{"startTimeUnixNano":""}"#, "startTimeUnixNano", "an empty string"),
        (#"{"droppedLinksCount":4294967296}"#, "droppedLinksCount", "4294967296"),
        (#"{"kind":"CLIENT"}"#, "kind", "\"CLIENT\""),
        (#"{"traceId":"abcd"}"#, "traceId", "4 characters"),
        (#"{"spanId":"00000000000000zz"}"#, "spanId", "\"00000000000000zz\""),
        (
            #"{"name":"a","attributes":[{},{"value":{"doubleValue":"inf"}}]}"#,
            "attributes[1].value.doubleValue", "inf"
        ),
        (
            #"{"attributes":[{"value":{"bytesValue":"A"}}]}"#, "attributes[0].value.bytesValue",
            "a string that is not base64"
        ),
        (#"{"attributes":{}}"#, "attributes", "'{'"),
        (#"{"status":[]}"#, "status", "'['"),
        (#"{"status":{"code":true}}"#, "status.code", "'t'"),
    ]

    @Test(arguments: refused)
    func refuses(_ row: (json: String, path: String, found: String)) throws {
        let text = #"{"resourceSpans":[{"scopeSpans":[{"spans":["# + row.json + "]}]}]}"
        let error = #expect(throws: JSONError.self) { try parse(text) }
        #expect(error?.path == "resourceSpans[0].scopeSpans[0].spans[0]." + row.path)
        #expect(error?.found == row.found)
    }

    @Test func limitsTheDepthOfValues() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: #"{"arrayValue":{"values":["#, count: depth - 1) + "{}"
                + String(repeating: "]}}", count: depth - 1)
        }
        let before = #"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":"#
        _ = try scan(parse(before + nested(100) + "}]}]}]}", .logs), as: .logs)
        let error = #expect(throws: JSONError.self) {
            try parse(before + nested(101) + "}]}]}]}", .logs)
        }
        #expect(error?.found == "AnyValue nested more than 100 deep")
    }

    @Test func writesWhatIsPresentAndMergesWhatStandsTwice() throws {
        let bytes = request(
            field(
                2,
                field(15, field(3, varint: 1)) + field(1, []) + field(15, field(2, "m"))
                    + field(9, field(2, field(1, "s") + field(3, varint: 4)))))
        let span =
            #"{"traceId":"","attributes":[{"value":{"intValue":"4"}}],"#
            + #""status":{"message":"m","code":1}}"#
        #expect(
            try print(bytes) == #"{"resourceSpans":[{"scopeSpans":[{"spans":["# + span + "]}]}]}")
    }

    @Test func repairsTextThatIsNotUTF8() throws {
        let bytes = request(field(2, field(5, [0x61, 0xff])))
        #expect(try print(bytes).contains(#""name":"a\#u{fffd}""#))
    }

    /// Errors go to a log, and what a sender wrote with them.
    @Test func whatASenderWroteIsShownShortAndOnOneLine() throws {
        func found(_ span: String) -> String? {
            let text = #"{"resourceSpans":[{"scopeSpans":[{"spans":[{"# + span + "}]}]}]}"
            return #expect(throws: JSONError.self) { try parse(text) }?.found
        }
        let digits = String(repeating: "9", count: 100_000)
        #expect(found("\"startTimeUnixNano\":\(digits)") == "\(digits.prefix(40))…")
        #expect(found(#""kind":"a\nb\u001b[31m\r""#) == "\"a?b?[31m?\"")
        #expect(found(#""kind":"\#(digits)""#) == "\"\(digits.prefix(40))…\"")
    }
}
