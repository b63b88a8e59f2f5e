import Testing
import WeirTelemetry

@Suite struct EditTests {
    private func edit(
        _ attributes: [UInt8], _ edits: [AttributeEdit]
    ) throws -> [String]? {
        let bytes = request(field(2, field(5, "n") + attributes))
        var editor = AttributeEditor(edits, of: .record, in: .traces)
        guard let edited = try bytes.borrowed({ try editor.edit($0) }) else { return nil }
        _ = try scan(edited, as: .traces)
        let span = Canonical(edited, .tracesRequest)[1][0][2][0][2][0]
        return span[9].map { describe($0) }
    }

    private func describe(_ attribute: Canonical) -> String {
        func text(_ value: Canonical) -> String {
            if case .bytes(let bytes) = value { String(decoding: bytes, as: UTF8.self) } else { "" }
        }
        let value = attribute[2].first
        let number = value?[3].first
        let shown = number.map { if case .number(let n) = $0 { "\(n)" } else { "" } }
        return text(attribute[1][0]) + "=" + (shown ?? value?[1].first.map(text) ?? "")
    }

    static let table: [(name: String, edits: [AttributeEdit], result: [String]?)] = [
        ("insert new", [AttributeEdit("c", .insert(.value("3")))], ["a=1", "b=2", "c=3"]),
        ("insert existing", [AttributeEdit("a", .insert(.value("3")))], nil),
        ("update existing", [AttributeEdit("a", .update(.value(3)))], ["a=3", "b=2"]),
        ("update missing", [AttributeEdit("c", .update(.value(3)))], nil),
        ("upsert existing", [AttributeEdit("b", .upsert(.value("x")))], ["a=1", "b=x"]),
        ("upsert the same", [AttributeEdit("b", .upsert(.value("2")))], nil),
        ("upsert new", [AttributeEdit("c", .upsert(.value(true)))], ["a=1", "b=2", "c="]),
        ("delete", [AttributeEdit("a", .delete)], ["b=2"]),
        ("delete missing", [AttributeEdit("x", .delete)], nil),
        ("rename", [AttributeEdit("a", .rename(to: "z"))], ["b=2", "z=1"]),
        ("rename onto", [AttributeEdit("a", .rename(to: "b"))], ["b=1"]),
        ("rename missing", [AttributeEdit("x", .rename(to: "b"))], nil),
        ("rename to itself", [AttributeEdit("a", .rename(to: "a"))], nil),
        ("copy", [AttributeEdit("c", .insert(.attribute("a")))], ["a=1", "b=2", "c=1"]),
        ("copy missing", [AttributeEdit("c", .upsert(.attribute("x")))], nil),
        ("hash", [AttributeEdit("a", .hash { "#\($0.byteCount)" })], ["a=#1", "b=2"]),
        (
            "transform",
            [AttributeEdit("a", .transform { AttributeValue($0) == "1" ? .int(1) : nil })],
            ["a=1", "b=2"]
        ),
        ("delete by name", [AttributeEdit("", .deleteWhere { $0 == "b" })], ["a=1"]),
        (
            "in order",
            [
                AttributeEdit("c", .upsert(.attribute("a"))), AttributeEdit("a", .delete),
                AttributeEdit("d", .insert(.attribute("a"))),
                AttributeEdit("b", .update(.attribute("c"))),
            ], ["b=1", "c=1"]
        ),
        (
            "there and back",
            [AttributeEdit("a", .delete), AttributeEdit("a", .insert(.value("1")))], nil
        ),
        (
            "a copy of a literal",
            [
                AttributeEdit("c", .insert(.value("v"))),
                AttributeEdit("d", .insert(.attribute("c"))), AttributeEdit("c", .delete),
            ], ["a=1", "b=2", "d=v"]
        ),
    ]

    @Test(arguments: table)
    func edits(_ row: (name: String, edits: [AttributeEdit], result: [String]?)) throws {
        let result = try edit(attribute(9, "a", "1") + attribute(9, "b", "2"), row.edits)
        #expect(result == row.result, "\(row.name)")
    }

    @Test(arguments: [
        (AttributeEdit("a", .delete), ["b=2"]),
        (AttributeEdit("a", .upsert(.value("1"))), ["a=1", "b=2"]),
        (AttributeEdit("c", .insert(.attribute("a"))), ["a=1", "b=2", "a=3", "c=1"]),
    ])
    func takesAllOfAKeyThatStandsTwice(edit change: AttributeEdit, result: [String]) throws {
        let twice = attribute(9, "a", "1") + attribute(9, "b", "2") + attribute(9, "a", "3")
        #expect(try edit(twice, [change]) == result)
    }

    @Test func hashesAsTheCollectorDoes() throws {
        func hashed(_ value: [UInt8]) throws -> String? {
            try edit(
                field(9, field(1, "k") + field(2, value)),
                [AttributeEdit("k", .hash { $0.array.description })])?.first
        }
        #expect(try hashed(field(1, "é")) == "k=[195, 169]")
        #expect(try hashed(field(2, varint: 1)) == "k=[1]")
        #expect(try hashed(field(2, varint: 0)) == "k=[0]")
        #expect(try hashed(field(3, varint: 258)) == "k=[2, 1, 0, 0, 0, 0, 0, 0]")
        #expect(
            try hashed(field(4, fixed64: 1.5.bitPattern)) == "k=[0, 0, 0, 0, 0, 0, 248, 63]")
        #expect(try hashed(field(7, [1, 2])) == "k=")
        #expect(try hashed(field(5, [])) == "k=")
    }

    @Test func makesAResourceWhereThereIsNone() throws {
        let bytes = field(1, field(2, []))
        var editor = AttributeEditor(
            [AttributeEdit("a", .upsert(.value("1")))], of: .resource, in: .logs)
        let edited = try bytes.borrowed { try editor.edit($0) }
        #expect(edited == field(1, field(1, attribute(1, "a", "1")) + field(2, [])))
        var deleter = AttributeEditor([AttributeEdit("a", .delete)], of: .resource, in: .logs)
        #expect(try bytes.borrowed { try deleter.edit($0) } == nil)
    }

    @Test func seesAResourceThatStandsTwiceAsOne() throws {
        let bytes = field(
            1, field(1, attribute(1, "a", "1")) + field(2, []) + field(1, attribute(1, "a", "2")))
        var editor = AttributeEditor(
            [AttributeEdit("b", .insert(.attribute("a"))), AttributeEdit("a", .delete)],
            of: .resource, in: .traces)
        let edited = try bytes.borrowed { try editor.edit($0) }
        #expect(
            edited == field(1, field(1, []) + field(2, []) + field(1, attribute(1, "b", "1"))))
    }

    @Test func editsThePointsOfEveryKindOfMetric() throws {
        for (data, attributes) in [(5, 7), (7, 7), (9, 9), (10, 1), (11, 7)] {
            let bytes = request(field(2, field(data, field(1, attribute(attributes, "a", "1")))))
            var editor = AttributeEditor(
                [AttributeEdit("a", .update(.value("22")))], of: .record, in: .metrics)
            let expected = request(
                field(2, field(data, field(1, attribute(attributes, "a", "22")))))
            #expect(try bytes.borrowed { try editor.edit($0) } == expected)
        }
    }

    /// Each of the lengths on the way grows from one byte to two.
    @Test func letsLengthsGrow() throws {
        for size in 90..<130 {
            let name = field(5, String(repeating: "n", count: size))
            let bytes = request(field(2, name))
            var editor = AttributeEditor(
                [AttributeEdit("k", .upsert(.value("v")))], of: .record, in: .traces)
            let edited = try bytes.borrowed { try editor.edit($0) }
            #expect(edited == request(field(2, name + attribute(9, "k", "v"))))
        }
    }

    @Test func refusesWhatIsMalformed() {
        let bytes = request([0x12, 9])
        var editor = AttributeEditor(
            [AttributeEdit("k", .delete)], of: .record, in: .traces)
        let error = #expect(throws: WireError.self) { try bytes.borrowed { try editor.edit($0) } }
        #expect(error?.found == "a length of 9 bytes")
    }
}
