import Testing
import WeirPrometheus
import WeirTelemetry

/// One `io.prometheus.client` message, field by field.
private struct Fields {
    var bytes: [UInt8] = []

    func text(_ number: Int, _ text: String) -> Fields { with { $0.appendField(number, text) } }
    func varint(_ number: Int, _ value: UInt64) -> Fields {
        with { $0.appendField(number, varint: value) }
    }
    func double(_ number: Int, _ value: Double) -> Fields {
        with { $0.appendField(number, fixed64: value.bitPattern) }
    }
    func message(_ number: Int, _ message: Fields) -> Fields {
        with { $0.appendField(number, message.bytes) }
    }
    /// As a stream has it, after its length.
    var delimited: [UInt8] {
        var list: [UInt8] = []
        list.appendVarint(UInt64(bytes.count))
        return list + bytes
    }

    private func with(_ body: (inout [UInt8]) -> Void) -> Fields {
        var copy = self
        body(&copy.bytes)
        return copy
    }
}

struct ProtobufFamilyTests {
    private let type = "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily"

    private func family(_ name: String, _ kind: UInt64, _ metrics: Fields...) -> [UInt8] {
        metrics.reduce(Fields().text(1, name).text(2, "Help.").varint(3, kind)) {
            $0.message(4, $1)
        }.delimited
    }

    @Test func everyType() throws {
        let label = Fields().text(1, "a").text(2, "b")
        let histogram = Fields().varint(1, 5).double(2, 7.5)
            .message(3, Fields().varint(1, 2).double(2, 1))
            .message(3, Fields().varint(1, 4).double(2, 2))
        let summary = Fields().varint(1, 9).double(2, 3)
            .message(3, Fields().double(1, 0.5).double(2, 0.25))
        let bytes =
            family("c_total", 0, Fields().message(1, label).message(3, Fields().double(1, 4)))
            + family("g", 1, Fields().message(2, Fields().double(1, -1)))
            + family("s", 2, Fields().message(4, summary))
            + family("u", 3, Fields().message(5, Fields().double(1, 6)))
            + family("h", 4, Fields().message(7, histogram))
            // The same series again, and a value of another type than the family's.
            + family("g", 1, Fields().message(2, Fields().double(1, 8)))
            + family("c_total", 0, Fields().message(2, Fields().double(1, 8)))
        let found = try readFamilies(bytes, contentType: type)
        #expect(found.families.map(\.name) == ["c_total", "g", "s", "u", "h"])
        #expect(found.families.map(\.type) == [.counter, .gauge, .summary, .unknown, .histogram])
        #expect(found.families.allSatisfy { $0.help == "Help." && $0.points.count == 1 })
        #expect(found["c_total"]?.points[0].labels == Labels([Label("a", "b")]))
        #expect(found["c_total"]?.points[0].value == .number(4))
        #expect(found["g"]?.points[0].value == .number(-1))
        #expect(
            found["h"]?.points[0].value
                == .histogram(
                    ReadHistogram(bounds: [1, 2], buckets: [2, 2, 1], count: 5, sum: 7.5)))
        guard case .summary(let read)? = found["s"]?.points[0].value else {
            Issue.record("no summary")
            return
        }
        #expect(read.count == 9 && read.sum == 3)
        #expect(read.quantiles.map(\.rank) == [0.5] && read.quantiles.map(\.value) == [0.25])
        #expect(found.skipped == 2)
    }

    /// A family may come in as many messages as it has points, which takes no longer for that.
    @Test(.timeLimit(.minutes(1))) func oneMessageForEachPoint() throws {
        var bytes: [UInt8] = []
        for index in 0..<40_000 {
            let label = Fields().text(1, "a").text(2, "\(index % 30_000)")
            bytes += family(
                "g", 1, Fields().message(1, label).message(2, Fields().double(1, 1)))
        }
        let found = try readFamilies(bytes, contentType: type)
        #expect(found["g"]?.points.count == 30_000 && found.skipped == 10_000)
    }

    /// Cut anywhere it is an error, or what came before the cut.
    @Test func cutAnywhere() throws {
        let whole =
            family("c_total", 0, Fields().message(3, Fields().double(1, 4)))
            + family("g", 1, Fields().message(2, Fields().double(1, -1)))
        for end in whole.indices {
            let found = try? readFamilies(Array(whole[..<end]), contentType: type)
            #expect((found?.families.count ?? 0) < 2)
        }
        #expect(throws: ExpositionError.self) {
            try readFamilies([0xff, 0xff], contentType: type)
        }
    }
}
