import Foundation
import NIOCore
import NIOPosix
import Synchronization
import WeirNet

/// An agent's work: scrape every target once a second, send everything by remote write.
struct ScrapeBench {
    var weir: String
    var plugins: String
    /// Measured beside it, with the same file, where it is installed.
    var prometheus: String
    var seconds: Double
    var repeats: Int
    var folder: String
    var targets = 10
    var series = 2000
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
    private let port = 24319

    init(
        weir: String, plugins: String, prometheus: String, seconds: Double, repeats: Int,
        folder: String
    ) {
        self.weir = weir
        self.plugins = plugins
        self.prometheus = prometheus
        self.seconds = seconds
        self.repeats = repeats
        self.folder = folder
    }

    /// What one program needed.
    struct Usage: Sendable {
        /// CPU seconds per million samples that arrived.
        var cost: Double
        /// The highest resident memory, bytes.
        var peak: Int
        var samplesPerSecond: Double
        /// Of the samples that the targets served, how many arrived; 1 is all.
        var arrived: Double
    }

    func measure() async throws -> (weir: Usage, prometheus: Usage?) {
        let (ends, server, _) = try await ScrapeTargets.start(
            port: port, series: series, group: group)
        let path = folder + "/prometheus.yml"
        try configuration.write(toFile: path, atomically: true, encoding: .utf8)
        unsafe setenv("WEIR_PLUGIN_PATH", plugins, 1)
        var own: [Usage] = []
        var others: [Usage] = []
        for _ in 0..<repeats {
            own.append(
                try await run(weir, ["run", "--prometheus", path], ends, log: "weir-scrape.log"))
            guard FileManager.default.isExecutableFile(atPath: prometheus) else { continue }
            let data = folder + "/prometheus-data"
            try? FileManager.default.removeItem(atPath: data)
            others.append(
                try await run(
                    prometheus,
                    [
                        "--enable-feature=agent", "--config.file=\(path)",
                        "--storage.agent.path=\(data)", "--web.listen-address=127.0.0.1:24320",
                    ], ends, log: "prometheus.log"))
        }
        try await server.close().get()
        func median(_ all: [Usage]) -> Usage? {
            all.isEmpty ? nil : all.sorted { $0.cost < $1.cost }[all.count / 2]
        }
        return (median(own)!, median(others))
    }

    private func run(
        _ program: String, _ arguments: [String], _ ends: ScrapeTargets, log: String
    ) async throws -> Usage {
        let child = try Child(program, arguments, output: folder + "/" + log)
        defer { child.stop() }
        // The first scrapes and their caches are start-up; what is measured is the steady state.
        let limit = NIODeadline.now() + .seconds(20)
        let start = ends.samples.load(ordering: .relaxed)
        while ends.samples.load(ordering: .relaxed) - start < 3 * targets * series {
            guard NIODeadline.now() < limit, child.isRunning else {
                throw BenchError("\(program) sent nothing within 20 s; see \(folder)/\(log)")
            }
            try await Task.sleep(for: .milliseconds(50))
        }
        let cpu = child.cpu
        let (samples, scrapes) = counts(ends)
        try await Task.sleep(for: .milliseconds(Int(seconds * 1000)))
        let (lastSamples, lastScrapes) = counts(ends)
        let used = child.cpu - cpu
        let arrived = Double(lastSamples - samples)
        let served = Double((lastScrapes - scrapes) * series)
        return Usage(
            cost: used / arrived * 1e6, peak: child.memory("VmHWM"),
            samplesPerSecond: arrived / seconds, arrived: arrived / served)
    }

    private func counts(_ ends: ScrapeTargets) -> (samples: Int, scrapes: Int) {
        (ends.samples.load(ordering: .relaxed), ends.scrapes.load(ordering: .relaxed))
    }

    private var configuration: String {
        let groups = (0..<targets).map { index in
            """
                  - targets: ["127.0.0.1:\(port)"]
                    labels: {__metrics_path__: "/t/\(index)/metrics", instance: "target-\(index)"}
            """
        }
        return """
            global:
              scrape_interval: 1s
              scrape_timeout: 1s
            scrape_configs:
              - job_name: shop
                static_configs:
            \(groups.joined(separator: "\n"))
            remote_write:
              - url: http://127.0.0.1:\(port)/api/v1/write

            """
    }
}

extension ScrapeBench.Usage {
    func row(_ name: String, target: String = "") -> String {
        "| \(name) | \(decimal(cost, 2)) | \(decimal(Double(peak) / 1_048_576, 1)) | "
            + "\(Int(samplesPerSecond)) | \(target) |"
    }
}
