import Testing
import WeirTelemetry

@Suite struct ScanTests {
    @Test(arguments: [
        ("traces", Signal.traces, 8), ("metrics", .metrics, 24), ("logs", .logs, 8),
    ])
    func readsWhatGooglesProtobufWrites(name: String, signal: Signal, items: Int) throws {
        for file in [name + ".pb", name + "_descending.pb"] {
            let summary = try scan(try fixture(file), as: signal)
            #expect(summary.resources == 2)
            #expect(summary.items == items)
            #expect(!summary.hasInvalidRecords)
            #expect(!summary.hasUnknownFields)
        }
    }

    @Test func acceptsNothing() throws {
        #expect(try scan([], as: .traces) == ScanSummary())
        #expect(try scan(request([]), as: .logs).resources == 1)
    }

    /// Each is content of a span: what is wrong, the offset in it, the path below the span.
    static let malformed:
        [(name: String, span: [UInt8], offset: Int, path: String, found: String)] = [
            (
                "truncated varint", [0x30, 0x80], 1, ".kind",
                "a varint that the end of span cuts off"
            ),
            ("truncated tag", [0xb0], 0, "", "a varint that the end of span cuts off"),
            (
                "varint of eleven bytes", [0x30] + [UInt8](repeating: 0x80, count: 10) + [1], 1,
                ".kind", "a varint of more than 10 bytes"
            ),
            ("length beyond the end", [0x2a, 5, 0x41], 1, ".name", "a length of 5 bytes"),
            (
                "length of 64 bits", tag(5, 2) + varint(UInt64.max), 1, ".name",
                "a length of 18446744073709551615 bytes"
            ),
            (
                "truncated fixed64", [0x39, 1, 2], 1, ".start_time_unix_nano",
                "2 bytes left in span"
            ),
            ("truncated fixed32", [0x85, 1, 1], 2, ".flags", "1 bytes left in span"),
            ("field number 0", [0x02, 0], 0, "", "field number 0"),
            ("tag of 33 bits", varint(1 << 33) + [0], 0, "", "a tag of 8589934592"),
            ("group", [0x2b, 0x2c], 0, "", "a group in field 5; OTLP has none"),
            ("end of group", [0x2c], 0, "", "a group in field 5; OTLP has none"),
            ("unknown group", tag(20, 3), 0, "", "a group in field 20; OTLP has none"),
            ("wire type 6", [0x2e], 0, "", "wire type 6 in field 5"),
            ("wrong wire type", [0x28, 1], 0, ".name", "wire type 0 (varint) in field 5"),
            (
                "nested length", field(9, [0x0a, 9]), 3, ".attributes[0].key", "a length of 9 bytes"
            ),
            (
                "second attribute", attribute(9, "a", "b") + field(9, [0x12, 2, 0x0a, 7]), 15,
                ".attributes[1].value.string_value", "a length of 7 bytes"
            ),
        ]

    @Test(arguments: malformed)
    func refuses(
        _ row: (name: String, span: [UInt8], offset: Int, path: String, found: String)
    ) throws {
        let good = field(2, field(5, "good"))
        let bytes = request(good + field(2, row.span))
        let error = #expect(throws: WireError.self) { try scan(bytes, as: .traces) }
        #expect(error?.offset == bytes.count - row.span.count + row.offset)
        #expect(error?.found == row.found)
        let path = error?.path ?? ""
        let span = "resource_spans[0].scope_spans[0].spans[1]"
        #expect(path == span + row.path)
    }

    @Test func takesPackedAndUnpackedAndManyChunks() throws {
        let numbers = (1...3).map { field(6, fixed64: $0) }
        let packed = numbers.flatMap { $0.dropFirst() }
        for point in [
            numbers.flatMap { $0 }, field(6, packed), field(6, packed) + field(6, packed),
        ] {
            let bytes = request(field(2, field(9, field(1, point))))
            #expect(try scan(bytes, as: .metrics).items == 1)
        }
        let odd = request(field(2, field(9, field(1, field(6, [1, 2, 3])))))
        let error = #expect(throws: WireError.self) { try scan(odd, as: .metrics) }
        #expect(error?.expected == "a multiple of 8")
    }

    @Test func limitsTheDepthOfValues() throws {
        func nested(_ depth: Int) -> [UInt8] {
            var value = field(1, "end")
            for _ in 1..<depth { value = field(5, field(1, value)) }
            return request(field(2, field(5, value)))
        }
        #expect(try scan(nested(100), as: .logs).items == 1)
        #expect(try scan(nested(101), as: .logs, limits: ScanLimits(anyValueDepth: 101)).items == 1)
        let error = #expect(throws: WireError.self) { try scan(nested(101), as: .logs) }
        #expect(error?.found == "AnyValue nested more than 100 deep")
    }

    @Test func takesVarintsThatAreLongerThanTheyNeedBe() throws {
        let span = tag(5, 2, size: 3) + varint(4, size: 5) + Array("name".utf8)
        let bytes = request(tag(2, 2) + varint(UInt64(span.count), size: 4) + span)
        let summary = try scan(bytes, as: .traces)
        #expect(summary.items == 1)
        bytes.borrowed { bytes in
            var groups = RequestView(bytes).resources
            while let group = groups.next() {
                var scopes = group.scopes
                while let scope = scopes.next() {
                    var spans = scope.spans
                    while let span = spans.next() { #expect(span.name.string == "name") }
                }
            }
        }
    }

    @Test func marksUnknownFieldsAndTheDeprecatedOne() throws {
        let bytes = field(1, field(1000, [0xff, 0xff]) + field(2, field(2, field(5, "a"))))
        let summary = try scan(bytes, as: .traces)
        #expect(summary.hasUnknownFields)
        #expect(summary.items == 1)
    }

    @Test(
        arguments: [
            ([0x41, 0x42], true), ([0xc3, 0xa9], true), ([0xf0, 0x9f, 0x98, 0x80], true),
            ([0xff], false), ([0xc3], false), ([0xc0, 0x80], false), ([0xed, 0xa0, 0x80], false),
            ([0xf4, 0x90, 0x80, 0x80], false), ([0xe2, 0x82], false),
        ] as [([UInt8], Bool)])
    func marksTextThatIsNotUTF8(tail: [UInt8], isValid: Bool) throws {
        // Every length, so that the tail stands at every place of the eight-byte steps.
        for padding in 0..<20 {
            let text = [UInt8](repeating: 0x61, count: padding) + tail
            for span in [
                field(5, text), field(9, field(1, text)),
                field(9, field(1, "k") + field(2, field(1, text))),
                field(9, field(1, text) + field(2, field(3, varint: 5))),
            ] {
                let summary = try scan(request(field(2, span)), as: .traces)
                #expect(summary.hasInvalidUTF8 == !isValid)
            }
        }
    }

    @Test func marksIDsOfAWrongLength() throws {
        for (count, isValid) in [(0, true), (16, true), (8, false), (17, false)] {
            let bytes = request(field(2, field(1, [UInt8](repeating: 0xaa, count: count))))
            #expect(try scan(bytes, as: .traces).hasInvalidID == !isValid)
        }
    }

    @Test func concatenationIsMerging() throws {
        let one = try fixture("logs.pb")
        let two = try fixture("logs_descending.pb")
        let both = try scan(one + two, as: .logs)
        #expect(both.items == (try scan(one, as: .logs).items) * 2)
    }
}
