import Testing
import WeirPrometheus
import WeirTelemetry

@Suite struct LimitTests {
    private func message(
        _ text: String, _ set: @escaping (inout AssemblyOptions) -> Void
    ) -> String {
        do throws(ExpositionError) {
            _ = try ScrapeAssembler(set).read(text)
            return ""
        } catch {
            return "\(error)"
        }
    }

    @Test func limitsFailTheScrape() {
        let text = "a{bcdef=\"ghijkl\"} 1\nm 2\n"
        #expect(message(text) { $0.sampleLimit = 2 } == "")
        #expect(
            message(text) { $0.sampleLimit = 1 }
                == "found 2 samples after relabelling and read no further, sample_limit allows 1")
        // With the name, job and instance.
        #expect(message(text) { $0.labelLimit = 4 } == "")
        #expect(
            message(text) { $0.labelLimit = 3 }
                == "line 1, column 1: series a has 4 labels, label_limit allows 3")
        #expect(message(text) { $0.labelNameLengthLimit = 8 } == "")
        #expect(
            message(text) { $0.labelNameLengthLimit = 7 }
                == "line 1, column 1: a label's name in series a has 8 bytes (__name__), "
                + "label_name_length_limit allows 7")
        #expect(message(text) { $0.labelValueLengthLimit = 6 } == "")
        #expect(
            message(text) { $0.labelValueLengthLimit = 5 }
                == "line 1, column 1: the value of label bcdef in series a has 6 bytes, "
                + "label_value_length_limit allows 5")
        #expect(
            message("x 1\na{b=\"1\",b=\"2\"} 1\n") { _ in }
                == "line 2, column 1: series a has the label b twice, expected each once")
    }

    @Test func theSampleLimitCountsWhatRelabellingLeaves() throws {
        var options = AssemblyOptions()
        options.sampleLimit = 1
        let assembler = ScrapeAssembler(options: options) { $0["__name__"] == "b" ? nil : $0 }
        for _ in 0..<2 {
            let scrape = try assembler.read("a 1\nb{x=\"1\"} 2\nb{x=\"2\"} 2\n")
            #expect(scrape.samplesScraped == 3 && scrape.samplesAfterRelabel == 1)
            #expect(scrape.items == 1)
        }
    }

    @Test func relabellingIsAskedOncePerSeries() throws {
        var calls = 0
        let assembler = ScrapeAssembler(options: AssemblyOptions()) { labels in
            calls += 1
            return labels["__name__"] == "dropped" ? nil : labels
        }
        for _ in 0..<3 { _ = try assembler.read("a 1\ndropped 1\nb{x=\"1\"} 2\n") }
        #expect(calls == 3)
    }

    @Test func relabellingMovesAndMerges() throws {
        let assembler = ScrapeAssembler(options: AssemblyOptions()) { labels in
            var labels = labels
            labels["job"] = labels["tenant"]
            labels["tenant"] = ""
            if labels["__name__"].hasPrefix("old_") {
                labels["__name__"] = "new_" + labels["__name__"].dropFirst(4)
            }
            return labels
        }
        let text = """
            # TYPE old_h histogram
            old_h_bucket{tenant="a",le="+Inf"} 1
            old_h_sum{tenant="a"} 1
            old_h_count{tenant="a"} 1
            # TYPE old_c counter
            old_c{tenant="b"} 2
            old_c 3

            """
        let points = readPoints(try assembler.read(text).request)
        #expect(
            points.map { "\($0.resource) \($0)" } == [
                "[\"service.name=a\"] new_h{} histogram 1 1.0 [] [1]",
                "[\"service.name=b\"] new_c{} counter 2.0", "[] new_c{} counter 3.0",
            ])
    }

    @Test func aPartThatRelabellingDropsLeavesTheOthers() throws {
        let assembler = ScrapeAssembler(options: AssemblyOptions()) {
            $0["le"] == "+Inf" ? nil : $0
        }
        let text = "# TYPE h histogram\nh_bucket{le=\"1\"} 1\nh_bucket{le=\"+Inf\"} 2\nh_count 2\n"
        #expect(
            Set(try assembler.points(text)) == [
                "h_bucket{le=1.0} gauge 1.0", "h_count{} gauge 2.0",
            ])
    }

    @Test func aSeriesWithoutANameFails() {
        let assembler = ScrapeAssembler(options: AssemblyOptions()) { _ in Labels([Label("a", "b")])
        }
        let error = #expect(throws: ExpositionError.self) { try assembler.read("x 1\n") }
        #expect(error?.kind == .invalidLabels)
    }

    @Test func unknownContentTypes() throws {
        var options = AssemblyOptions()
        let bytes = Array("a 1\n".utf8)
        let span = bytes.span
        let fallback = ScrapeAssembler(options: options) { $0 }
        let scrape = try unsafe fallback.read(span.bytes, contentType: "text/html", at: second)
        #expect(scrape.items == 1)
        options.fallbackFormat = nil
        let strict = ScrapeAssembler(options: options) { $0 }
        do throws(ExpositionError) {
            _ = try unsafe strict.read(span.bytes, contentType: "text/html", at: second)
            Issue.record("nothing was refused")
        } catch {
            #expect(error.kind == .contentType && error.message.contains("\"text/html\""))
        }
    }

    @Test func longExemplarsAreLeftOut() throws {
        let long = String(repeating: "ü", count: 126)
        let text =
            "# TYPE a counter\na_total 1 # {id=\"\(long)\"} 1\nb 1 # {i=\"\(long)é\"} 1\n# EOF"
        let scrape = try ScrapeAssembler().read(text, openMetrics: true)
        #expect(readPoints(scrape.request).map(\.exemplars.count) == [1, 1])
        let longer = try ScrapeAssembler().read(
            text.replacing("{id", with: "{ids"), openMetrics: true)
        #expect(readPoints(longer.request).map(\.exemplars.count) == [0, 1])
        #expect(longer.exemplarsDropped == 1)
    }
}
