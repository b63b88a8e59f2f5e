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
}
