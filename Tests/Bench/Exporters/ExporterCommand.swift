import ArgumentParser
import Foundation

struct ExporterCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "exporters",
        abstract: "Measures all exporters in one weir beside the programs that it replaces.")

    @Option(help: "The weir to measure.") var weir = "dist/bin/weir"
    @Option(help: "The folder of its plugins.") var plugins = "dist/lib/weir/plugins"
    @Option(help: "Seconds between two collections; CPU time is told for 15.") var interval = 1
    @Option(help: "Seconds that are measured, for each.") var seconds = 30.0
    @Option(help: "Where configurations and logs go.") var scratch = ".build/bench"

    func run() async throws {
        let folder = URL(fileURLWithPath: scratch).path
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        let bench = ExporterBench(
            weir: weir, plugins: plugins, interval: interval, seconds: seconds, folder: folder)
        print(ExporterReport.table(try await bench.measure()))
    }
}

/// The results as Markdown.
enum ExporterReport {
    static func table(_ result: ExporterBench.Result) -> String {
        let (eight, others) = (result.eight, result.counterparts)
        let ratio = Double(eight.proportional) / Double(max(1, others.proportional))
        let target = "a quarter of their memory: **\(ratio <= 0.25 ? "reached" : "missed")**"
        return [
            "| | processes | series | CPU-s an hour | resident, MiB | shared pages shared out, MiB "
                + "| in no file, MiB | target |",
            "|---|---|---|---|---|---|---|---|",
            row("weir, eight exporters", eight, "\(target) (\(decimal(ratio, 2)))"),
            row("weir, the four that have counterparts", result.four, ""),
            row("the four counterparts", others, ""),
        ].joined(separator: "\n")
    }

    static let method = """
        `postgresql`, `redis`, `host`, `probe`, `vault`, `hsm`, `istio` and `ffi` in one weir with the sink \
        `prometheus`, its page scraped at every interval; beside it Debian's prometheus-postgres-exporter, \
        -redis-exporter, -node-exporter and -blackbox-exporter, which look at the same servers and are \
        scraped as often. The other four have no counterpart here. Processes that weir has started for \
        `hsm` and `ffi` count. Collections came every second, and CPU is divided by 15: seconds of a core \
        in an hour at an interval of 15 s. [ADR 8](adr/0008-exporters-memory.md) says where the memory is.
        """

    private static func row(
        _ name: String, _ usage: ExporterBench.Usage, _ target: String
    ) -> String {
        func mebibytes(_ bytes: Int) -> String { decimal(Double(bytes) / 1_048_576, 1) }
        return "| \(name) | \(usage.processes) | \(usage.series) | \(decimal(usage.cpuPerHour, 1)) "
            + "| \(mebibytes(usage.resident)) | \(mebibytes(usage.proportional)) "
            + "| \(mebibytes(usage.anonymous)) | \(target) |"
    }
}
