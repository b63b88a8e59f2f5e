import Testing
import WeirTelemetry

/// The editor against a model of it on the meaning of random requests.
@Suite struct EditPropertyTests {
    static let edits = [
        AttributeEdit("a", .upsert(.value("new"))),
        AttributeEdit("b", .rename(to: "c")),
        AttributeEdit("d", .insert(.attribute("service.name"))),
        AttributeEdit("service.name", .delete),
    ]

    @Test(arguments: Signal.allCases, 0..<150 as Range<UInt64>)
    func meansWhatTheModelMeans(signal: Signal, seed: UInt64) throws {
        var random = RandomRequest(seed: seed)
        random.hasOneCase = true
        let bytes = random.request(signal)
        var editor = AttributeEditor(Self.edits, of: .record, in: signal)
        let edited = try bytes.borrowed { try editor.edit($0) } ?? bytes
        #expect(try scan(edited, as: signal).items == scan(bytes, as: signal).items)
        let type = MessageType(requestOf: signal)
        #expect(Canonical(edited, type) == model(Canonical(bytes, type), signal))
    }

    /// Everything but the added attribute keeps its bytes and its place, and every length on the way
    /// is minimal.
    @Test(arguments: Signal.allCases, 0..<100 as Range<UInt64>)
    func leavesTheRestAlone(signal: Signal, seed: UInt64) throws {
        var random = RandomRequest(seed: seed)
        let bytes = random.request(signal)
        var editor = AttributeEditor(
            [AttributeEdit("not there yet", .upsert(.value(7)))], of: .record, in: signal)
        let edited = try bytes.borrowed { try editor.edit($0) } ?? bytes
        let path: [[Int]] =
            signal == .metrics
            ? [[1], [2], [2], [5, 7, 9, 10, 11], [1]] : [[1], [2], [2]]
        #expect(appended(bytes, path[...], signal, data: 0) == edited)
    }

    /// The request with the attribute at the end of each record.
    private func appended(
        _ bytes: [UInt8], _ path: ArraySlice<[Int]>, _ signal: Signal, data: Int
    ) -> [UInt8] {
        guard let wanted = path.first else {
            let points = [9: 9, 10: 1]
            let number = signal == .traces ? 9 : signal == .logs ? 6 : points[data] ?? 7
            return bytes + field(number, field(1, "not there yet") + field(2, field(3, varint: 7)))
        }
        var result: [UInt8] = []
        bytes.borrowed { span in
            var reader = WireReader(span)
            var start = 0
            while let tag = reader.nextTag() {
                let tagEnd = tagLength(bytes, start)
                guard wanted.contains(tag.number), tag.wireType == .bytes else {
                    _ = reader.skip(tag)
                    result += bytes[start..<fieldEnd(bytes, start)]
                    start = fieldEnd(bytes, start)
                    continue
                }
                let content = reader.readBytes()!.array
                let inner = appended(
                    content, path.dropFirst(), signal, data: path.count == 2 ? tag.number : data)
                if inner == content {
                    result += bytes[start..<fieldEnd(bytes, start)]
                } else {
                    result += bytes[start..<tagEnd] + varint(UInt64(inner.count)) + inner
                }
                start = fieldEnd(bytes, start)
            }
        }
        return result
    }

    private func tagLength(_ bytes: [UInt8], _ start: Int) -> Int {
        bytes[start...].firstIndex { $0 < 0x80 }! + 1
    }

    private func fieldEnd(_ bytes: [UInt8], _ start: Int) -> Int {
        let content = tagLength(bytes, start)
        switch bytes[start] & 7 {
        case 0: return tagLength(bytes, content)
        case 1: return content + 8
        case 5: return content + 4
        default:
            let end = tagLength(bytes, content)
            let length = bytes[content..<end].reversed().reduce(0) { $0 << 7 | Int($1 & 0x7f) }
            return end + length
        }
    }

    // MARK: The model

    private func model(_ request: Canonical, _ signal: Signal) -> Canonical {
        guard signal == .metrics else {
            let number = signal == .traces ? 9 : 6
            return map(request, [1, 2, 2]) { change($0, number) }
        }
        return map(request, [1, 2, 2]) { metric in
            [(5, 7), (7, 7), (9, 9), (10, 1), (11, 7)].reduce(metric) { metric, data in
                map(metric, [data.0, 1]) { change($0, data.1) }
            }
        }
    }

    private func map(
        _ message: Canonical, _ path: ArraySlice<Int>, _ change: (Canonical) -> Canonical
    ) -> Canonical {
        guard let number = path.first else { return change(message) }
        guard case .message(var fields) = message else { return message }
        fields[number] = fields[number]?.map { map($0, path.dropFirst(), change) }
        return .message(fields)
    }

    /// The edits, one by one, on a list of keys and values.
    private func change(_ record: Canonical, _ number: Int) -> Canonical {
        guard case .message(var fields) = record else { return record }
        var list = fields[number] ?? []
        func isKey(_ attribute: Canonical, _ key: String) -> Bool {
            switch attribute[1].first {
            case .bytes(let bytes)?: bytes == Array(key.utf8)
            default: key.isEmpty
            }
        }
        func first(_ key: String) -> Canonical? { list.first { isKey($0, key) } }
        func set(_ key: String, _ value: [Canonical]) {
            let value = value.isEmpty ? [Canonical.message([:])] : value
            let attribute = Canonical.message([1: [.bytes(Array(key.utf8))], 2: value])
            guard let index = list.firstIndex(where: { isKey($0, key) }) else {
                list.append(attribute)
                return
            }
            list[index] = attribute
            list = list.enumerated().filter { $0.offset == index || !isKey($0.element, key) }
                .map(\.element)
        }
        set("a", [.message([1: [.bytes(Array("new".utf8))]])])
        // Keys are added in the order in which the edits name them: a, b, c, d.
        if let b = first("b") {
            list.removeAll { isKey($0, "b") }
            set("c", b[2])
        }
        if let name = first("service.name"), first("d") == nil { set("d", name[2]) }
        list.removeAll { isKey($0, "service.name") }
        fields[number] = list.isEmpty ? nil : list
        return .message(fields)
    }
}
