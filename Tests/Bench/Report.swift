/// The results as Markdown.
struct Report {
    var results: [(scenario: Scenario, measurement: Measurement)]
    var scraping: (weir: ScrapeBench.Usage, prometheus: ScrapeBench.Usage?)?
    var exporting: ExporterBench.Result?
    var parsing: [ParseBench.Row]
    var machine: String
    var method: String

    private var byName: [String: Measurement] {
        Dictionary(results.map { ($0.scenario.name, $0.measurement) }) { $1 }
    }

    var table: String {
        var lines = [
            "| load | relay | weir | times the relay | µs a request | items/s | p99 ms | target |",
            "|---|---|---|---|---|---|---|---|",
        ]
        for (scenario, own) in results {
            let check = scenario.check?(own, byName)
            let target = check.map {
                "\($0.target): \($0.isReached ? "**reached**" : "**missed**")"
            }
            lines.append(
                "| \(scenario.name) | \(decimal(own.relay.cost, 2)) | \(decimal(own.weir.cost, 2)) "
                    + "| \(decimal(own.ratio, 2)) | \(decimal(own.microsecondsPerRequest, 1)) "
                    + "| \(Int(own.weir.itemsPerSecond)) | \(decimal(own.weir.p99, 2)) "
                    + "| \(target ?? "") |")
        }
        return lines.joined(separator: "\n")
    }

    var memory: String {
        var lines = ["| | measured | target |", "|---|---|---|"]
        for row in memoryRows {
            lines.append(
                "| \(row.name) | \(row.value) | \(row.target): "
                    + "\(row.isReached ? "**reached**" : "**missed**") |")
        }
        return lines.joined(separator: "\n")
    }

    private var memoryRows: [(name: String, value: String, target: String, isReached: Bool)] {
        guard let first = byName["traces gRPC, 100 a request"] ?? results.first?.measurement else {
            return []
        }
        let idle = Double(first.idle) / 1_048_576
        let peak = Double(first.weir.peak) / 1_048_576
        return [
            ("resident, idle", "\(decimal(idle, 1)) MiB", "30 MiB", idle <= 30),
            (
                "resident, highest under 100 spans a request", "\(decimal(peak, 1)) MiB", "64 MiB",
                peak <= 64
            ),
            (
                "ready after", "\(decimal(first.ready * 1000, 0)) ms", "200 ms",
                first.ready <= 0.2
            ),
        ]
    }

    /// What did not go through, if anything.
    var losses: String {
        let rows = results.flatMap { scenario, own in
            [("relay", own.relay), ("weir", own.weir)].compactMap { name, usage in
                usage.lost + usage.refused == 0
                    ? nil
                    : "- \(scenario.name), \(name): \(usage.refused) requests refused, "
                        + "\(usage.lost) items lost"
            }
        }
        return rows.isEmpty ? "No request was refused, no item lost." : rows.joined(separator: "\n")
    }

    /// Scrape → remote write, if that was measured.
    var scrape: String { scraping.map { ScrapeReport.table($0) } ?? "" }

    /// All exporters together, if that was measured.
    var exporters: String { exporting.map { ExporterReport.table($0) } ?? "" }

    /// Expositions, if that was measured.
    var parse: String { parsing.isEmpty ? "" : ParseBench.table(parsing) }

    var document: String {
        """
        # Benchmarks

        `make bench` measures, prints and, with `make bench WRITE=1`, writes this page.

        ## Method
        \(method)

        \(machine)

        ## OTLP in → batch → OTLP out, CPU-seconds per million items
        \(table)

        \(losses)

        ## Memory and start
        \(memory)

        ## Prometheus scrape → remote write, 10 targets of 2,000 series every second
        \(scrape)

        ## Eight exporters, beside the programs that they replace
        \(ExporterReport.method)

        \(exporters)

        ## Reading expositions
        Text of Prometheus, one core, one process; memory is what a target's cache takes for each \
        active series.

        \(parse)

        \(Self.peers)

        """
    }

    /// Measured once, on 2026-11-21, on a machine of the same kind.
    private static let peers = """
        ## What others cost
        The same payloads and connections, another generator and sink (Go, which cost more and so \
        leave less of the two cores), CPU-seconds per million items:

        | load | OpenTelemetry Collector 0.155 | Envoy 1.40, passing HTTP/2 through | haproxy |
        |---|---|---|---|
        | traces gRPC, 1 a request | 70 | | |
        | traces gRPC, 100 a request | 4.8 | 1.47 | 0.63 |
        | traces gRPC, 1000 a request | 3.6 | 0.49 | 0.27 |
        | traces HTTP, 100 a request | 5.5 | | |
        | logs gRPC, 100 a request | 2.9 | | 0.61 |
        | metrics gRPC, 100 a request | 2.3 | | |
        | resident, idle / 100 a request | 44 / 129 MiB | 63 / 65 MiB | 15 / 15 MiB |
        """
}
