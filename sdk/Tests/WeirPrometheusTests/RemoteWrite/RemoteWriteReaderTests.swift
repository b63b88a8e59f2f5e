import Testing
import WeirPrometheus

@Suite struct RemoteWriteReaderTests {
    /// `up{job="a"} 1` at 1000 ms, from the field numbers of the published messages.
    static let v1: [UInt8] =
        [0x0a, 0x28]
        + [0x0a, 0x0e, 0x0a, 0x08] + Array("__name__".utf8) + [0x12, 0x02] + Array("up".utf8)
        + [0x0a, 0x08, 0x0a, 0x03] + Array("job".utf8) + [0x12, 0x01] + Array("a".utf8)
        + [0x12, 0x0c, 0x09, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f, 0x10, 0xe8, 0x07]

    /// The same with a start of 500 ms in the sample.
    static let v2: [UInt8] =
        [0x22, 0x00, 0x22, 0x08] + Array("__name__".utf8) + [0x22, 0x02] + Array("up".utf8)
        + [0x22, 0x03] + Array("job".utf8) + [0x22, 0x01] + Array("a".utf8)
        + [0x2a, 0x17, 0x0a, 0x04, 0x01, 0x02, 0x03, 0x04]
        + [0x12, 0x0f, 0x09, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f, 0x10, 0xe8, 0x07, 0x18, 0xf4, 0x03]

    @Test func readsWhatTheSpecificationSays() throws {
        let up = PlainSeries(["__name__": "up", "job": "a"], [WireSample(1, at: 1000)])
        #expect(try decode(Self.v1, .v1) == [up])
        #expect(encode(.v1, [up]) == Self.v1)
        let started = PlainSeries(
            ["__name__": "up", "job": "a"], [WireSample(1, at: 1000, start: 500)])
        #expect(try decode(Self.v2, .v2) == [started])
        #expect(encode(.v2, [started]) == Self.v2)
    }

    /// The template for one sample serves times of six bytes; all others are written anew.
    @Test func theShortcutWritesTheSame() {
        var encoder = RemoteWriteEncoder(.v1)
        var known = SentLabels(.v1)
        for length in [1, 100, 130, 20_000] {
            let labels = ["__name__": "up", "job": String(repeating: "a", count: length)]
            let times: [Int64] = [
                0, 1, 1000, 1 << 35 - 1, 1 << 35, 1_800_000_000_000, 1 << 42 - 1, 1 << 42, -1,
            ]
            for time in times {
                let series = PlainSeries(labels, [WireSample(.nan, at: time)])
                encoder.series(known.insert(series.labels).number, in: known, .nan, at: time)
                #expect(encoder.finish() == encode(.v1, [series]))
            }
        }
    }

    /// Senders before rc.4 put one start into the series; symbols may follow what refers to them.
    @Test func readsOlderStartsAndAnyOrder() throws {
        let symbols = Array(Self.v2[..<24])
        let series: [UInt8] =
            [0x2a, 0x17, 0x30, 0xf4, 0x03, 0x08, 0x01, 0x08, 0x02, 0x08, 0x03, 0x08, 0x04]
            + [0x12, 0x0c, 0x09, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f, 0x10, 0xe8, 0x07]
        let expected = try decode(Self.v2, .v2)
        var fixed = series
        fixed[1] = UInt8(series.count - 2)
        #expect(try decode(fixed + symbols, .v2) == expected)
    }

    @Test(arguments: [
        (RemoteWriteMessage.v2, RemoteWriteReaderTests.v1, "prometheus.WriteRequest"),
        (.v1, RemoteWriteReaderTests.v2, "io.prometheus.write.v2.Request"),
        (.v1, [0xff, 0xff], "snappy"),
        (.v1, [0x0a, 0x05, 0x0a], "byte 0"),
        (.v1, [0x0a, 0x02, 0x0a, 0x09], "timeseries"),
        (.v1, [0x0a, 0x03, 0x12, 0x01, 0x09], "timeseries"),
        (.v1, [0x1a, 0x01, 0x08], "metadata"),
        (.v2, [0x22, 0x05, 0x61], "symbols"),
        (.v2, [0x2a, 0x02, 0x0a, 0x7f], "timeseries"),
    ])
    func namesWhatIsMalformed(message: RemoteWriteMessage, bytes: [UInt8], mention: String) {
        #expect {
            _ = try decode(bytes, message)
        } throws: { "\($0)".contains(mention) }
    }

    @Test(
        arguments: [
            ([0x2a, 0x03, 0x0a, 0x01, 0x00], SeriesFault.oddReferences(1)),
            ([0x2a, 0x04, 0x0a, 0x02, 0x00, 0x07], .badReference(7, symbols: 1)),
        ] as [([UInt8], SeriesFault)])
    func namesWhatIsWrongWithASeries(series: [UInt8], fault: SeriesFault) {
        #expect(throws: fault) { _ = try decode([0x22, 0x00] + series, .v2) }
    }

    /// Whatever is cut off or changed, reading ends, with series or with an error.
    @Test func survivesDamage() {
        var random = SystemRandomNumberGenerator()
        for (bytes, message) in [(Self.v1, RemoteWriteMessage.v1), (Self.v2, .v2)] {
            for length in bytes.indices {
                _ = try? decode(Array(bytes[..<length]), message)
            }
            for _ in 0..<5000 {
                var copy = bytes
                for _ in 0..<Int.random(in: 1...3, using: &random) {
                    copy[Int.random(in: copy.indices, using: &random)] = .random(in: 0 ... .max)
                }
                _ = try? decode(copy, message)
                _ = try? unsafe receiveRemoteWrite(
                    copy.span.bytes, as: message, families: FamilyMemory())
            }
        }
    }

    @Test(arguments: [
        ("application/x-protobuf", RemoteWriteMessage?.some(.v1)),
        ("Application/X-Protobuf; charset=x", .v1),
        ("application/x-protobuf;proto=prometheus.WriteRequest", .v1),
        ("application/x-protobuf; proto=\"io.prometheus.write.v2.Request\"", .v2),
        ("application/x-protobuf;proto=io.prometheus.write.v3.Request", nil),
        ("application/json", nil), ("", nil),
    ])
    func readsContentTypes(text: String, message: RemoteWriteMessage?) {
        #expect(RemoteWriteMessage(contentType: text) == message)
    }
}
