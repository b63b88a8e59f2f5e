import ArgumentParser
import Foundation

struct ScrapeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scrape",
        abstract: "Measures scraping 10 targets of 2,000 series every second into remote write.")

    @Option(help: "The weir to measure.") var weir = "dist/bin/weir"
    @Option(help: "The folder of its plugins.") var plugins = "dist/lib/weir/plugins"
    @Option(help: "The Prometheus beside it, as an agent.") var prometheus = "/usr/bin/prometheus"
    @Option(help: "Seconds, each time.") var seconds = 20.0
    @Option(help: "Runs; the median counts.") var repeats = 1
    @Option(help: "Where configurations and logs go.") var scratch = ".build/bench"

    func run() async throws {
        try FileManager.default.createDirectory(
            atPath: scratch, withIntermediateDirectories: true)
        let bench = ScrapeBench(
            weir: weir, plugins: plugins, prometheus: prometheus, seconds: seconds,
            repeats: repeats, folder: scratch)
        print(ScrapeReport.table(try await bench.measure()))
    }
}

/// The results as Markdown.
enum ScrapeReport {
    static func table(_ result: (weir: ScrapeBench.Usage, prometheus: ScrapeBench.Usage?)) -> String
    {
        let own = result.weir
        let isCheap = own.cost <= 1
        let isSmall = own.peak <= 50 << 20
        let target =
            "1.0 CPU-s: **\(isCheap ? "reached" : "missed")**; "
            + "50 MiB: **\(isSmall ? "reached" : "missed")**"
        var lines = [
            "| | CPU-s per million samples | resident at most, MiB | samples/s | target |",
            "|---|---|---|---|---|",
            own.row("weir", target: target),
        ]
        if let other = result.prometheus { lines.append(other.row("Prometheus, agent mode")) }
        return lines.joined(separator: "\n")
    }
}
