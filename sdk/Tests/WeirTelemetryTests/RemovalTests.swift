import Testing
import WeirTelemetry

@Suite struct RemovalTests {
    private let good = field(2, field(5, "good"))
    private let bad = field(2, field(5, [0xff, 0x41]))

    private func remove(_ bytes: [UInt8], _ signal: Signal = .traces) throws -> (
        bytes: [UInt8], removal: RecordRemoval
    ) {
        try bytes.borrowed { bytes throws(WireError) in
            let removal = try removeInvalidRecords(bytes, as: signal)
            return (removal.rewrite.bytes(from: bytes), removal)
        }
    }

    @Test func takesOutTheRecordAlone() throws {
        let unknown = tag(1000, 2) + varint(2) + [0xff, 0xff]
        let result = try remove(
            field(1, unknown + field(2, good + bad + good)) + request(good))
        #expect(result.bytes == field(1, unknown + field(2, good + good)) + request(good))
        #expect(result.removal.removedItems == 1)
        #expect(
            result.removal.reason
                == "resource_spans[0].scope_spans[0].spans[1].name (byte 21): "
                + "found text that is not valid UTF-8")
    }

    @Test func leavesCleanRequestsAlone() throws {
        let result = try remove(request(good) + field(1, field(2, [])))
        #expect(result.removal.rewrite.isUnchanged)
        #expect(result.removal.removedItems == 0)
        #expect(result.removal.reason.isEmpty)
    }

    @Test func takesOutGroupsThatLoseAllTheyHad() throws {
        let result = try remove(request(bad) + request(good))
        #expect(result.bytes == request(good))
    }

    @Test func takesOutWhatStandsUnderABadResourceOrScope() throws {
        let resource = field(1, attribute(1, "k", "v").dropLast() + [0xff])
        let one = try remove(field(1, field(2, good + bad) + resource) + request(good))
        #expect(one.bytes == request(good))
        #expect(one.removal.removedItems == 2)
        let scope = field(1, field(1, [0xff]))
        let two = try remove(field(1, field(2, good) + field(2, scope + good)))
        #expect(two.bytes == request(good))
        #expect(two.removal.removedItems == 1)
    }

    @Test func countsThePointsOfAMetric() throws {
        let point = field(1, field(3, fixed64: 1))
        let bad = field(2, field(1, [0xff]) + field(7, point + point + point))
        let good = field(2, field(1, "good") + field(5, point))
        let result = try remove(request(bad + good), .metrics)
        #expect(result.bytes == request(good))
        #expect(result.removal.removedItems == 3)
    }

    @Test func takesOutWrongIDs() throws {
        let short = field(2, field(9, [1, 2, 3]))
        let result = try remove(request(short + field(2, field(9, []))), .logs)
        #expect(result.bytes == request(field(2, field(9, []))))
        #expect(result.removal.reason.contains("log_records[0].trace_id"))
        #expect(result.removal.reason.contains("an id of a wrong length"))
    }

    @Test func removesByPredicate() throws {
        let bytes = request(good + field(2, field(5, "other")))
        let (rewrite, removed) = try bytes.borrowed { bytes throws(WireError) in
            try removeRecords(bytes, as: .traces) { SpanView($0).name == "other" }
        }
        #expect(removed == 1)
        #expect(bytes.borrowed { rewrite.bytes(from: $0) } == request(good))
    }
}
