import Testing
import WeirPrometheus
import WeirTelemetry

/// Writes `io.prometheus.client` messages, field by field.
private struct Message {
    var bytes: [UInt8] = []

    func text(_ number: Int, _ text: String) -> Message { with { $0.appendField(number, text) } }
    func varint(_ number: Int, _ value: UInt64) -> Message {
        with { $0.appendField(number, varint: value) }
    }
    func signed(_ number: Int, _ value: Int64) -> Message {
        varint(number, UInt64(bitPattern: value << 1 ^ value >> 63))
    }
    func double(_ number: Int, _ value: Double) -> Message {
        with { $0.appendField(number, fixed64: value.bitPattern) }
    }
    func message(_ number: Int, _ message: Message) -> Message {
        with { $0.appendField(number, message.bytes) }
    }
    func packed(_ number: Int, _ values: [Int64]) -> Message {
        with {
            $0.appendMessage(number) { list in
                for value in values {
                    list.appendVarint(UInt64(bitPattern: value << 1 ^ value >> 63))
                }
            }
        }
    }
    func label(_ name: String, _ value: String) -> Message {
        message(1, Message().text(1, name).text(2, value))
    }
    func span(_ number: Int, _ offset: Int64, _ length: UInt64) -> Message {
        message(number, Message().signed(1, offset).varint(2, length))
    }

    private func with(_ body: (inout [UInt8]) -> Void) -> Message {
        var copy = self
        body(&copy.bytes)
        return copy
    }
}

/// A field that says it is longer than it is.
private let cut: Message = {
    var message = Message()
    message.bytes = [0x0a, 0x7f]
    return message
}()

private func family(
    _ name: String, _ type: UInt64, help: String = "", unit: String = "", _ metrics: Message...
) -> [UInt8] {
    var message = Message().text(1, name).text(2, help).varint(3, type)
    for metric in metrics { message = message.message(4, metric) }
    message = message.text(5, unit)
    var bytes: [UInt8] = []
    bytes.appendVarint(UInt64(message.bytes.count))
    return bytes + message.bytes
}

extension ScrapeAssembler {
    fileprivate func read(
        protobuf bytes: [UInt8], at time: UInt64 = 100 * second
    ) throws(ExpositionError) -> Scrape {
        try unsafe read(
            bytes.span.bytes,
            contentType: "application/vnd.google.protobuf; encoding=delimited", at: time)
    }
}

@Suite struct ProtobufTests {
    private let timestamp = Message().varint(1, 50).varint(2, 125_000_000)

    @Test func simpleTypes() throws {
        let exemplar = Message().label("trace_id", "0123456789abcdef0123456789abcdef")
            .double(2, 0.5).message(3, timestamp)
        let bytes =
            family(
                "c_total", 0, help: "Help.",
                Message().label("a", "b").message(
                    3, Message().double(1, 5).message(2, exemplar).message(3, timestamp)))
            + family("g_s", 1, unit: "s", Message().message(2, Message().double(1, -1.5)))
            + family("u", 3, Message().message(5, Message().double(1, 7)).varint(6, 60_000))
            + family("empty", 1)
        let assembler = ScrapeAssembler()
        for round in 0..<3 {
            let scrape = try assembler.read(protobuf: bytes)
            let points = readPoints(scrape.request)
            #expect(
                Set(points.map(\.description)) == [
                    "c_total{a=b} counter 5.0 "
                        + #"["0.5@50125000000 [\"0123456789abcdef0123456789abcdef\"] []"]"#,
                    "g_s{} gauge -1.5", "u{} gauge 7.0",
                ])
            let counter = try #require(points.first { $0.name == "c_total" })
            #expect(counter.start == 50_125_000_000 && counter.hasCreated)
            #expect(counter.help == "Help.")
            #expect(points.first { $0.name == "g_s" }?.unit == "s")
            #expect(points.first { $0.name == "u" }?.time == 60 * second)
            #expect(scrape.seriesAdded == (round == 0 ? 3 : 0) && scrape.samplesScraped == 3)
        }
    }

    @Test func composedTypes() throws {
        func bucket(_ bound: Double, _ count: UInt64) -> Message {
            Message().varint(1, count).double(2, bound)
        }
        let histogram = Message().varint(1, 7).double(2, 12.5).message(3, bucket(1, 2))
            .message(3, bucket(2.5, 3))
        let bytes =
            family(
                "h", 4, Message().label("a", "1").message(7, histogram),
                Message().label("a", "2").message(7, histogram.message(3, bucket(.infinity, 7))))
            + family("gh", 5, Message().message(7, histogram))
            + family(
                "s", 2,
                Message().message(
                    4,
                    Message().varint(1, 3).double(2, 4.5).message(
                        3, Message().double(1, 0.5).double(2, 1.5))))
        let scrape = try ScrapeAssembler().read(protobuf: bytes)
        let points = readPoints(scrape.request)
        #expect(
            points.map(\.description) == [
                "h{a=1} histogram 7 12.5 [1.0, 2.5] [2, 1, 4]",
                "h{a=2} histogram 7 12.5 [1.0, 2.5] [2, 1, 4]",
                "gh{} histogram 7 12.5 [1.0, 2.5] [2, 1, 4]", #"s{} summary 3 4.5 ["0.5=1.5"]"#,
            ])
        #expect(points.map(\.type) == ["histogram", "histogram", "gaugehistogram", "summary"])
        #expect(scrape.samplesScraped == 18)
    }

    private let native = Message().varint(1, 20).double(2, 3.5).signed(5, 3).double(6, 0.001)
        .varint(7, 2).span(12, -1, 2).span(12, 2, 1).packed(13, [3, 1, -2]).span(9, 4, 1)
        .packed(10, [10])

    @Test func nativeHistograms() throws {
        let assembler = ScrapeAssembler()
        let bytes = family("h", 4, Message().label("a", "b").message(7, native))
        for _ in 0..<2 {
            let scrape = try assembler.read(protobuf: bytes)
            // Prometheus' bucket i is OTLP's i - 1.
            #expect(
                readPoints(scrape.request).map(\.description) == [
                    "h{a=b} exponential 20 3.5 scale 3 zero 2 0.001 +-2[3, 4, 0, 0, 2] -3[10]"
                ])
            #expect(scrape.samplesScraped == 1)
        }
        let stale = try assembler.read(protobuf: [])
        #expect(readPoints(stale.request).map(\.data) == ["stale 0 - scale 0 zero 0 0.0 +0[] -0[]"])
    }

    @Test func floatNativeHistogramsAreRounded() throws {
        let float = Message().double(4, 4.6).double(2, 1).signed(5, 0).span(12, 0, 2)
            .double(14, 1.4).double(14, 3.2)
        let scrape = try ScrapeAssembler().read(
            protobuf: family("h", 4, Message().message(7, float)))
        #expect(
            readPoints(scrape.request).map(\.data) == [
                "5 1.0 scale 0 zero 0 0.0 +-1[1, 3] -0[]"
            ])
    }

    /// A target does not say of its own series that they are stale, whatever bits it sends.
    @Test func payloadsOfNaNAreNoStaleMarkers() throws {
        let stale = Double(bitPattern: 0x7ff0_0000_0000_0002)
        var expected: [UInt8] = []
        expected.appendFixed64(0x7ff8_0000_0000_0001)
        var marker: [UInt8] = []
        marker.appendFixed64(stale.bitPattern)
        let native = Message().varint(1, 2).double(2, stale).span(12, 0, 1).packed(13, [2])
        for bytes in [
            family("g", 1, Message().message(2, Message().double(1, stale))),
            family("h", 4, Message().message(7, native)),
            family("s", 2, Message().message(4, Message().varint(1, 1).double(2, stale))),
        ] {
            let request = try ScrapeAssembler().read(protobuf: bytes).request
            #expect(request.firstRange(of: expected) != nil)
            #expect(request.firstRange(of: marker) == nil)
        }
    }

    @Test func bothKinds() throws {
        let both = native.message(3, Message().varint(1, 5).double(2, 1))
        let bytes = family("h", 4, Message().message(7, both))
        #expect(
            readPoints(try ScrapeAssembler().read(protobuf: bytes).request).map(\.kind)
                == ["exponential"])
        let classicToo = ScrapeAssembler { $0.alwaysScrapeClassicHistograms = true }
        #expect(
            Set(readPoints(try classicToo.read(protobuf: bytes).request).map(\.kind))
                == ["exponential", "histogram"])
    }

    @Test func bucketLimits() throws {
        let bytes = family("h", 4, Message().message(7, native))
        func data(_ limit: Int) throws -> [String] {
            let assembler = ScrapeAssembler { $0.nativeHistogramBucketLimit = limit }
            return readPoints(try assembler.read(protobuf: bytes).request).map(\.data)
        }
        let whole = try data(0)
        #expect(try data(4) == whole)
        // Schema 2: indexes -1, 0, 3 and 4 become 0, 0, 2 and 2.
        #expect(try data(3) == ["20 3.5 scale 2 zero 2 0.001 +-1[7, 0, 2] -1[10]"])
        // Buckets 0 and 1 do not merge at any resolution.
        let error = #expect(throws: ExpositionError.self) { try data(2) }
        #expect(error?.kind == .nativeHistogramBucketLimit)
    }

    @Test func aSparseHistogramDoesNotTakeMemory() throws {
        let sparse = Message().varint(1, 2).signed(5, 8).span(12, -200_000, 1)
            .span(12, 400_000, 1).packed(13, [1, 0])
        let scrape = try ScrapeAssembler().read(
            protobuf: family("h", 4, Message().message(7, sparse)))
        #expect(scrape.request.count < 70_000)
        #expect(readPoints(scrape.request)[0].data.contains("scale 5 "))
    }

    @Test func seriesGoOnWhenTheFormatChanges() throws {
        let assembler = ScrapeAssembler()
        let text =
            "# TYPE c counter\nc{a=\"b\"} 1\n# TYPE h histogram\nh_bucket{le=\"1\"} 1\n"
            + "h_bucket{le=\"+Inf\"} 1\nh_sum 1\nh_count 1\n"
        let histogram = Message().varint(1, 1).double(2, 1).message(
            3, Message().varint(1, 1).double(2, 1))
        let bytes =
            family("c", 0, Message().label("a", "b").message(3, Message().double(1, 1)))
            + family("h", 4, Message().message(7, histogram))
        _ = try assembler.read(text)
        for _ in 0..<2 {
            let scrape = try assembler.read(protobuf: bytes, at: 200 * second)
            #expect(scrape.seriesAdded == 0)
            #expect(
                readPoints(scrape.request).map { "\($0) \($0.start / second)" } == [
                    "c{a=b} counter 1.0 100", "h{} histogram 1 1.0 [1.0] [1, 0] 100",
                ])
            #expect(try assembler.read(text, at: 300 * second).seriesAdded == 0)
        }
    }

    @Test(
        arguments: [
            ([0x05, 0x0a], "found a length that the exposition does not have, at byte 0"),
            ([0x02, 0x0a, 0x05], "found malformed bytes, at byte 1"),
            ([0x02, 0x18, 0x01], "found a metric family without a name, at byte 1"),
            (family("x", 9), "found the unknown metric type 9 in metric family x"),
            (
                family("x", 1, Message().varint(1, 5)), ""
            ),
            // Whole on the outside, cut off within.
            (family("x", 1, Message().message(2, cut)), "found a malformed metric in"),
            (
                family("x", 0, Message().message(3, Message().double(1, 1).message(2, cut))),
                "found a malformed metric in metric family x"
            ),
            (
                family("x", 2, Message().message(4, Message().varint(1, 1).message(3, cut))),
                "found a malformed metric in metric family x"
            ),
            (
                family("x", 4, Message().message(7, Message().varint(1, 1).message(3, cut))),
                "found a malformed metric in metric family x"
            ),
            // A bucket whose index no sender could mean.
            (
                family(
                    "x", 4,
                    Message().message(
                        7,
                        Message().span(12, 0x7fff_ffff, 0).span(12, 0x7fff_ffff, 1).packed(13, [1]))
                ),
                "found a native histogram whose schema, spans and counts do not fit together in"
            ),
            // One that has no place in OTLP, which counts from one less.
            (
                family(
                    "x", 4,
                    Message().message(7, Message().span(12, -0x8000_0000, 1).packed(13, [1]))),
                "found a native histogram whose schema, spans and counts do not fit together in"
            ),
            // Too far apart to be listed, also with the widest buckets.
            (
                family(
                    "x", 4,
                    Message().message(
                        7,
                        Message().span(12, -0x7fff_ffff, 1).span(12, 0x7fff_ffff, 1)
                            .packed(13, [1, 0]))),
                "found a native histogram whose first and last bucket lie too far apart in metric"
            ),
            (
                family("x", 1, Message().message(1, Message().text(2, "v"))),
                "found a label that is malformed, nameless or not UTF-8 in metric family x"
            ),
            (
                family("x", 4, Message().message(7, Message().span(12, 0, 5).packed(13, [1]))),
                "found a native histogram whose schema, spans and counts do not fit together in metric "
                    + "family x"
            ),
            (
                family("x", 4, Message().message(7, Message().span(12, 0, 1).packed(13, [-1]))),
                "found a native histogram whose schema, spans and counts do not fit together in metric "
                    + "family x"
            ),
        ] as [([UInt8], String)])
    func refusesWhatIsMalformed(_ bytes: [UInt8], _ message: String) {
        var found = ""
        do throws(ExpositionError) {
            _ = try ScrapeAssembler().read(protobuf: bytes)
        } catch {
            found = error.message
        }
        #expect(found.hasPrefix(message), "\(found)")
    }
}
