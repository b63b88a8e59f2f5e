import Testing
import WeirPrometheus
import WeirTelemetry

/// Requests that are made to cost the receiver more than the sender.
@Suite struct HostileWriteTests {
    /// A request of 1.0 with one series.
    private func request(_ labels: [(String, String)]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.appendMessage(1) { series in
            for (name, value) in labels {
                series.appendMessage(1) { label in
                    label.appendField(1, name)
                    label.appendField(2, value)
                }
            }
            series.appendMessage(2) { sample in
                sample.appendField(1, fixed64: 1.0.bitPattern)
                sample.appendField(2, varint: 1000)
            }
        }
        return bytes
    }

    private func receive(
        _ bytes: [UInt8], _ message: RemoteWriteMessage = .v1
    ) throws -> ReceivedWrite {
        try unsafe receiveRemoteWrite(bytes.span.bytes, as: message, families: FamilyMemory())
    }

    /// Labels in the worst order: their number counts once, not squared.
    @Test(.timeLimit(.minutes(1))) func veryManyUnsortedLabels() throws {
        let names = (0..<50_000).reversed().map { ("l\($0 + 100_000)", "v") }
        let all = names + [("__name__", "m")]
        #expect(try receive(request(all)).items == 1)
        let twice = try receive(request(all + [names[25_000]]))
        #expect(twice.items == 0 && twice.rejected == 1)
        #expect(twice.complaint?.contains("label \"l124999\" twice") == true)
    }

    /// Series without a point, a few bytes each, are nothing.
    @Test func seriesWithoutPoints() throws {
        var bytes: [UInt8] = []
        bytes.appendField(4, "")
        bytes.appendField(4, "__name__")
        bytes.appendField(4, "m")
        for _ in 0..<10_000 { bytes.appendMessage(5) { $0.appendField(1, [1, 2]) } }
        let received = try receive(bytes, .v2)
        #expect(received.items == 0 && received.request.isEmpty && received.rejected == 0)
    }

    /// Fields without a content, two bytes each, in one series.
    @Test(arguments: [
        // What 1.0 has at 1 to 4; 2.0 has exemplars and histograms the other way round.
        (RemoteWriteMessage.v1, 1), (.v1, 2), (.v1, 3), (.v1, 4), (.v2, 1), (.v2, 2), (.v2, 3),
        (.v2, 4),
    ])
    func emptyFields(message: RemoteWriteMessage, field: Int) throws {
        var bytes: [UInt8] = []
        if message == .v2 { for text in ["", "__name__", "m"] { bytes.appendField(4, text) } }
        let count = 500_000
        bytes.appendMessage(message == .v1 ? 1 : 5) { series in
            if message == .v1 {
                series.appendMessage(1) { label in
                    label.appendField(1, "__name__")
                    label.appendField(2, "m")
                }
            } else {
                series.appendField(1, [1, 2])
            }
            if message == .v2, field == 1 {
                series.appendField(1, [UInt8](repeating: 1, count: 2 * count))
            } else {
                for _ in 0..<count { series.appendField(field, [UInt8]()) }
            }
        }
        let received = try receive(bytes, message)
        #expect(received.items == 0 && received.rejected > 0)
        #expect(received.complaint?.contains("very many empty") == true)
        var reader = try unsafe RemoteWriteReader(bytes.span.bytes, as: message)
        var series = WireSeries()
        #expect(try reader.next(into: &series))
        let kept =
            series.labels.count * MemoryLayout<WireLabel>.stride
            + series.samples.count * MemoryLayout<WireSample>.stride
            + series.histograms.count * MemoryLayout<NativeHistogram>.stride
            + series.exemplars.count * MemoryLayout<WireExemplar>.stride
        #expect(kept <= (1 << 20) + 8 * bytes.count)
    }

    /// One long text that many samples, series or exemplars have.
    @Test(arguments: ["samples", "series", "exemplars", "help"])
    func longTextsManyTimes(place: String) throws {
        var bytes: [UInt8] = []
        let long = String(repeating: "x", count: 1 << 20)
        for text in ["", "__name__", "m", long] { bytes.appendField(4, text) }
        func series(_ labels: [UInt8], points: Int, _ more: (inout [UInt8]) -> Void = { _ in }) {
            bytes.appendMessage(5) { series in
                series.appendField(1, labels)
                for time in 1...points {
                    series.appendMessage(2) { $0.appendField(2, varint: UInt64(time)) }
                }
                more(&series)
            }
        }
        switch place {
        case "samples": series([1, 2, 2, 3], points: 1000)
        case "series": for _ in 0..<1000 { series([1, 2, 2, 3], points: 1) }
        case "exemplars":
            series([1, 2], points: 1) { series in
                for _ in 0..<1000 { series.appendMessage(4) { $0.appendField(1, [2, 3]) } }
            }
        default:
            for _ in 0..<1000 {
                series([1, 2], points: 1) { series in
                    series.appendMessage(5) { $0.appendField(3, varint: 3) }
                }
            }
        }
        let error = #expect(throws: RemoteWriteError.self) { try receive(bytes, .v2) }
        #expect(error?.found.contains("bytes of OTLP") == true)
    }

    /// Gaps of 20,000 buckets in a few bytes each, in one series or in many.
    @Test(arguments: [1, 5000]) func gapsInHistograms(perSeries: Int) throws {
        var histogram = NativeHistogram()
        histogram.positive.spans = [.init(offset: 0, length: 1), .init(offset: 19_000, length: 1)]
        histogram.positive.deltas = [1, 0]
        var bytes: [UInt8] = []
        for _ in 0..<5000 / perSeries {
            bytes.appendMessage(1) { series in
                series.appendMessage(1) { label in
                    label.appendField(1, "__name__")
                    label.appendField(2, "m")
                }
                for time in 1...perSeries {
                    histogram.timestamp = Int64(time)
                    series.appendField(4, histogram.encoded())
                }
            }
        }
        let error = #expect(throws: RemoteWriteError.self) { try receive(bytes) }
        #expect(error?.found.contains("bytes of OTLP") == true)
    }

    /// A request that is read in several parts is nevertheless taken whole.
    @Test func veryManySeries() throws {
        var bytes: [UInt8] = []
        for text in ["", "__name__", "m", "n", "job", "a", "b"] { bytes.appendField(4, text) }
        let count: UInt8 = 2
        for number in 0..<120_000 {
            let job = UInt8(5 + number % Int(count))
            bytes.appendMessage(5) { series in
                series.appendField(1, [1, UInt8(2 + number / 60_000), 4, job])
                series.appendField(2, [UInt8]())
            }
        }
        let received = try receive(bytes, .v2)
        #expect(received.items == 120_000 && received.samples == 120_000)
        #expect(received.rejected == 0 && received.complaint == nil)
        #expect(try scan(received.request, as: .metrics).items == 120_000)
    }

    /// What is remembered of families is bounded in bytes, too.
    @Test func longHelpTexts() throws {
        let families = FamilyMemory(limit: 1000, sizeLimit: 10_000)
        func remember(_ name: String, _ size: Int) throws {
            let help = String(repeating: "h", count: size)
            let bytes = encode(
                .v1, [], families: [MetricFamily(name: name, type: .gauge, help: help)])
            _ = try unsafe receiveRemoteWrite(bytes.span.bytes, as: .v1, families: families)
        }
        for number in 0..<50 { try remember("m\(number)", 1000) }
        #expect(families.count > 0 && families.count < 10)
        let before = families.count
        for size in 1...100 { try remember("m49", size) }
        #expect(families.count == before)
        try remember("long", 20_000)
        #expect(families.count == 0)
    }
}
