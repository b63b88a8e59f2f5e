import Testing
import WeirTelemetry

@testable import WeirPrometheus

/// OTLP -> Prometheus -> OTLP -> Prometheus: nothing changes on the way.
struct ExpositionRoundTripTests {
    /// What is said of each point, in an order that does not depend on that of the request.
    private func canonical(_ families: [ExpositionFamily]) -> [String] {
        families.flatMap { family in
            family.points.map { point in
                var text = "\(family.family.name) \(family.family.type) '\(family.family.help)' "
                text += "\(family.family.unit) \(point.series.labels) \(point.value) "
                text += "\(point.timeUnixNano) "
                if point.hasCreated { text += "created \(point.startTimeUnixNano) " }
                for exemplar in point.exemplars {
                    text += "# \(exemplar.labels) \(exemplar.value) \(exemplar.timestamp) "
                }
                return text
            }
        }.sorted()
    }

    @Test(arguments: [
        ExpositionDialect.Format.text(version: "1.0.0"), .openMetrics(version: "1.0.0"), .protobuf,
    ])
    func unchanged(_ format: ExpositionDialect.Format) throws {
        for seed in 0..<60 as Range<UInt64> {
            var metrics = RandomMetrics(random: SeededGenerator(state: seed), format: format)
            let original = families(metrics.request())
            let dialect = ExpositionDialect(format, .allowUTF8)
            for timestamps in [false, true] {
                let body = written(original, dialect, timestamps: timestamps)
                let assembler = ScrapeAssembler(options: AssemblyOptions()) { $0 }
                let scrape = try unsafe assembler.read(
                    body.span.bytes, contentType: dialect.contentType, at: metrics.time)
                #expect(throws: Never.self) { try scan(scrape.request, as: .metrics) }
                let again = families(scrape.request)
                let (before, after) = (canonical(original), canonical(again))
                #expect(before == after, "seed \(seed), timestamps \(timestamps)")
                if before != after { return }
            }
        }
    }
}
