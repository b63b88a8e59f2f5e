import ArgumentParser
import Foundation

struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Runs the scenarios and prints a table.")

    @Option(help: "The weir to measure.") var weir = "dist/bin/weir"
    @Option(help: "The folder of its plugins.") var plugins = "dist/lib/weir/plugins"
    @Option(help: "The relay beside it.") var haproxy = "/usr/sbin/haproxy"
    @Option(help: "The Prometheus beside it, as an agent.") var prometheus = "/usr/bin/prometheus"
    @Option(help: "Seconds under load, each time.") var seconds = 8.0
    @Option(help: "Runs of each scenario; the median counts.") var repeats = 3
    @Option(help: "Only scenarios whose name contains this.") var only: String?
    @Option(help: "Where configurations and logs go.") var scratch = ".build/bench"
    @Option(help: "Write the page to this file.") var write: String?

    func run() async throws {
        for path in [weir, haproxy] where !FileManager.default.isExecutableFile(atPath: path) {
            throw BenchError("\(path) is not there: run `make bench`, which builds and installs it")
        }
        try FileManager.default.createDirectory(
            atPath: scratch, withIntermediateDirectories: true)
        let bench = Bench(
            weir: weir, plugins: plugins, haproxy: haproxy, seconds: seconds, repeats: repeats,
            folder: scratch)
        let scenarios = Scenario.all.filter { scenario in
            only.map { scenario.name.contains($0) } ?? true
        }
        let results = Array(zip(scenarios, try await bench.measure(scenarios)))
        // 20,000 samples a second are one or two hundredths of a second, which is how the system counts
        // a process: a short look would see steps, not costs.
        let scrape = ScrapeBench(
            weir: weir, plugins: plugins, prometheus: prometheus, seconds: max(20, seconds * 2),
            repeats: repeats, folder: scratch)
        let isScraping = only.map { "scrape".contains($0) } ?? true
        let exporters = ExporterBench(
            weir: weir, plugins: plugins, interval: 1, seconds: 30,
            folder: URL(fileURLWithPath: scratch).path)
        let areExporting = only.map { "exporters".contains($0) } ?? true
        let report = Report(
            results: results, scraping: isScraping ? try await scrape.measure() : nil,
            exporting: areExporting ? try await exporters.measure() : nil,
            parsing: only.map { "parse".contains($0) } ?? true ? try ParseBench.measure() : [],
            machine: machine, method: method)
        print(
            """

            \(report.table)

            \(report.losses)

            \(report.syncs)

            \(report.memory)

            \(report.scrape)

            \(report.exporters)

            \(report.parse)
            """
        )
        if let write { try report.document.write(toFile: write, atomically: true, encoding: .utf8) }
    }

    private var method: String {
        """
        A closed loop of 8 connections, as fast as it goes, for \(decimal(seconds, 0)) s; generator, \
        sink and program under test on one machine over loopback; no TLS, no compression. CPU is the \
        user and system time of the program under test (`/proc/PID/stat`, all threads), divided by \
        the items that the sink counted. The relay is haproxy in TCP mode: it understands nothing, \
        so it is the floor. Each figure is the median of \(repeats) rounds; in each, all loads in turn, relay and weir. \
        Spans are 433 bytes, log records 335, data points 223 to 249. Use the ratios: machines differ.
        """
    }

    private var machine: String {
        let info = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        let lines = info.split(separator: "\n")
        let model = lines.first { $0.hasPrefix("model name") }?.split(separator: ":").last
        let cores = lines.filter { $0.hasPrefix("processor") }.count
        let kernel =
            (try? String(contentsOfFile: "/proc/sys/kernel/osrelease", encoding: .utf8)) ?? ""
        let day = Date.now.formatted(.iso8601.year().month().day())
        return
            "\(day), \(cores) cores (\(model.map { $0.trimmingCharacters(in: .whitespaces) } ?? "unknown")), "
            + "Linux \(kernel.trimmingCharacters(in: .whitespacesAndNewlines))."
    }
}
