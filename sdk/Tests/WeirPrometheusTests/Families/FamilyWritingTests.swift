import Testing
import WeirPrometheus
import WeirSDK
import WeirTestKit

/// Collects what a text says.
private final class TextExporter: Exporter {
    struct Settings: Decodable, Sendable {
        var text: String
    }
    let text: String

    init(settings: Settings, host: Host) { text = settings.text }

    func collect(into metrics: inout Metrics, deadline: Deadline) throws(ComponentError) {
        do throws(ExpositionError) {
            for family in try readFamilies(Array(text.utf8), contentType: "").families {
                metrics.add(family)
            }
        } catch {
            throw .refused("\(error)")
        }
        metrics.gauge("own.name", 1)
    }
}

struct FamilyWritingTests {
    @Test func everyTypeIsWritten() throws {
        let plugin = Plugin(
            id: "test.text", version: "1.0.0", components: [.exporter("text", TextExporter.self)])
        let lines = [
            "# TYPE c counter", #"c{a=\"1\"} 5"#, "# TYPE g gauge", "g 1.5", "u 2",
            "# TYPE h histogram", #"h_bucket{le=\"1\"} 1"#, #"h_bucket{le=\"+Inf\"} 3"#, "h_sum 4",
            "h_count 3", "# TYPE s summary", #"s{quantile=\"0.5\"} 7"#, "s_sum 8", "s_count 9",
        ]
        let host = FakeHost()
        let instance = try host.createRaw(
            plugin, .exporter, "text",
            #"{"text": ""# + lines.joined(separator: #"\n"#) + #"\n"}"#)
        try instance.start()
        let found = try instance.collect()
        #expect(
            found.points.map(\.kind) == [.counter, .gauge, .unknown, .histogram, .summary, .gauge])
        #expect(found.named("c").first?.attributes == ["a": "1"])
        #expect(found.named("c").first?.value == .number(5))
        #expect(
            found.named("h").first?.value
                == .histogram(bounds: [1], buckets: [1, 2], count: 3, sum: 4))
        #expect(
            found.named("s").first?.value
                == .summary(quantiles: [0.5], values: [7], count: 9, sum: 8))
        #expect(found.named("g").first?.isPrometheus == true)
        // What the exporter names itself keeps its own setting.
        #expect(found.named("own.name").first?.isPrometheus == false)
        try instance.end()
    }
}
