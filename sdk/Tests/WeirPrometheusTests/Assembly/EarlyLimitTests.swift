import Testing
import WeirPrometheus
import WeirTelemetry

/// Limits act while an exposition is read, not after it.
@Suite struct EarlyLimitTests {
    private final class Calls {
        var count = 0
    }

    /// One that counts the series that it was asked about, and drops those of name `d`.
    private func assembler(
        _ calls: Calls, _ set: (inout AssemblyOptions) -> Void
    ) -> ScrapeAssembler {
        var options = AssemblyOptions()
        set(&options)
        return ScrapeAssembler(options: options) { labels in
            calls.count += 1
            return labels["__name__"] == "d" ? nil : labels
        }
    }

    private func fault(_ assembler: ScrapeAssembler, _ text: String) -> ExpositionError? {
        do throws(ExpositionError) {
            _ = try assembler.read(text)
            return nil
        } catch {
            return error
        }
    }

    private func series(_ count: Int, _ name: String = "m") -> String {
        (0..<count).map { "\(name){n=\"\($0)\"} 1\n" }.joined()
    }

    @Test func readsNoFurtherThanTheSampleLimit() {
        let calls = Calls()
        let assembler = assembler(calls) { $0.sampleLimit = 100 }
        for _ in 0..<3 {
            let error = fault(assembler, series(50_000))
            #expect(error?.kind == .sampleLimit)
            #expect(error?.samplesScraped == 101 && error?.samplesAfterRelabel == 101)
            #expect(
                error?.message
                    == "found 101 samples after relabelling and read no further, "
                    + "sample_limit allows 100")
        }
        #expect(calls.count <= 303 && assembler.knownSeries <= 202)
        // What fits is taken after that.
        #expect(fault(assembler, series(100)) == nil)
    }

    /// As Prometheus counts: a sample that is left out for another reason is one all the same.
    @Test func duplicatesCount() {
        let assembler = assembler(Calls()) { $0.sampleLimit = 3 }
        #expect(fault(assembler, "a 1\na 2\na 3\n") == nil)
        let error = fault(assembler, String(repeating: "a 1\n", count: 10_000))
        #expect(error?.samplesScraped == 4)
    }

    /// What is dropped does not count, wherever it stands and however often.
    @Test func droppedSamplesDoNotCount() {
        let calls = Calls()
        let assembler = assembler(calls) { $0.sampleLimit = 10 }
        let dropped = String(repeating: "d 1\n", count: 500) + series(500, "d")
        for _ in 0..<3 {
            #expect(fault(assembler, dropped + series(10) + dropped) == nil)
            #expect(fault(assembler, series(5) + dropped + dropped + "x 1\ny 1\n") == nil)
        }
        // What is dropped was asked about once, in the first scrape.
        #expect(calls.count < 550)
        let error = fault(assembler, series(5) + dropped + series(50_000, "x"))
        #expect(error?.samplesAfterRelabel == 11)
        #expect(error?.samplesScraped == 1011)
    }

    @Test(arguments: [0, 300, 5000])
    func labelsAreLookedAtEarly(_ before: Int) {
        let calls = Calls()
        let assembler = assembler(calls) { $0.labelValueLengthLimit = 10 }
        let text = series(before) + "a{b=\"01234567890\"} 1\n" + series(100_000, "x")
        let error = fault(assembler, text)
        #expect(error?.kind == .labelValueLengthLimit)
        #expect(error?.line == before + 1 && error?.column == 1)
        #expect(calls.count <= before + 256)
        #expect(assembler.knownSeries <= before + 256)
    }

    @Test func familiesInProtobufStopToo() throws {
        var family: [UInt8] = []
        family.appendField(1, "m")
        family.appendField(3, varint: 1)
        for index in 0..<20_000 {
            family.appendMessage(4) { metric in
                metric.appendMessage(1) { label in
                    label.appendField(1, "n")
                    label.appendField(2, "\(index)")
                }
                metric.appendMessage(2) { $0.appendField(1, fixed64: 1.0.bitPattern) }
            }
        }
        var body: [UInt8] = []
        body.appendVarint(UInt64(family.count))
        body += family
        let calls = Calls()
        let assembler = assembler(calls) { $0.sampleLimit = 1000 }
        do throws(ExpositionError) {
            _ = try unsafe assembler.read(
                body.span.bytes, contentType: "application/vnd.google.protobuf", at: 1)
            Issue.record("nothing was refused")
        } catch {
            #expect(error.kind == .sampleLimit && error.samplesScraped == 1001)
        }
        #expect(calls.count == 1001)
    }

    /// Series that are resolved before the end become the same points: `_created` before what it is
    /// about, and types that are declared after their samples.
    @Test func resolvingEarlyChangesNothing() throws {
        var text = ""
        for index in 0..<200 {
            text += "h\(index)_created 5\n# TYPE h\(index) histogram\n"
            text += "h\(index)_bucket{le=\"1\"} 1\nh\(index)_bucket{le=\"+Inf\"} 2\n"
            text += "h\(index)_sum 3\nh\(index)_count 2\n"
            text += "# TYPE c\(index) counter\nc\(index)_created 7\n" + series(index % 7, "g")
            text += "c\(index)_total 5\nlate\(index) 1\n"
        }
        for index in 0..<200 { text += "# TYPE late\(index) gauge\n" }
        text += "# EOF\n"
        let plain = ScrapeAssembler()
        let limited = ScrapeAssembler {
            $0.labelLimit = 100
            $0.sampleLimit = 10_000
        }
        for round in 1...3 {
            let time = UInt64(round) * 100 * second
            let wanted = try plain.read(text, openMetrics: true, at: time)
            let found = try limited.read(text, openMetrics: true, at: time)
            #expect(wanted.items == found.items)
            #expect(Set(readPoints(wanted.request)) == Set(readPoints(found.request)))
            #expect(wanted.samplesAfterRelabel == found.samplesAfterRelabel)
            #expect(wanted.seriesAdded == found.seriesAdded)
            #expect(wanted.duplicates == found.duplicates)
        }
    }
}
