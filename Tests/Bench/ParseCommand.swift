import ArgumentParser
import Foundation
import WeirPrometheus

/// What reading an exposition costs, alone and with all that makes a request of it. One thread, and
/// nothing else in the process.
struct ParseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "parse",
        abstract: "Measures the reading of expositions, and the memory that a series takes.")

    @Option(help: "The series of the exposition.") var series = 2000
    @Option(help: "How often each is read.") var rounds = 500
    @Flag(help: "Whether a FILE is OpenMetrics.") var openMetrics = false
    @Flag(help: "Print JSON, for a program.") var json = false
    @Argument(help: "An exposition to read instead of the made one.") var file: String?

    /// What `parse` measured.
    struct Figures: Codable, Sendable {
        var samples: Int
        var bytesPerSample: Int
        /// Reading alone.
        var megabytesPerSecond: Double
        var readNanoseconds: Double
        /// Reading, and all that makes a request of it.
        var assembleNanoseconds: Double
        var bytesPerSeries: Int
    }

    func run() throws {
        let figures = try measure()
        if json {
            print(String(decoding: try JSONEncoder().encode(figures), as: UTF8.self))
            return
        }
        print("\(figures.samples) samples, \(figures.bytesPerSample) bytes each")
        print(
            "read: \(Int(figures.megabytesPerSecond)) MB/s, \(Int(figures.readNanoseconds)) ns/sample"
        )
        print("read and assemble: \(Int(figures.assembleNanoseconds)) ns/sample")
        print("memory: \(figures.bytesPerSeries) bytes/series")
    }

    private func measure() throws -> Figures {
        let first = try body(1)
        let second = try body(2)
        let samples = try unsafe count(first.span.bytes)
        guard samples > 0 else { throw BenchError("the exposition has no samples") }
        var start = cpuSeconds()
        for round in 0..<rounds {
            _ = try unsafe count((round % 2 == 0 ? first : second).span.bytes)
        }
        let reading = cpuSeconds() - start
        let before = residentBytes()
        let assembler = ScrapeAssembler(options: AssemblyOptions()) { labels in
            var labels = labels
            labels["job"] = "bench"
            labels["instance"] = "localhost:9100"
            return labels
        }
        try unsafe assemble(first.span.bytes, assembler, 0)
        start = cpuSeconds()
        for round in 1...rounds {
            try unsafe assemble((round % 2 == 0 ? first : second).span.bytes, assembler, round)
        }
        let assembling = cpuSeconds() - start
        let perSample = 1e9 / Double(samples * rounds)
        return Figures(
            samples: samples, bytesPerSample: first.count / samples,
            megabytesPerSecond: Double(first.count * rounds) / reading / 1e6,
            readNanoseconds: reading * perSample, assembleNanoseconds: assembling * perSample,
            bytesPerSeries: (residentBytes() - before) / samples)
    }

    private func body(_ tick: Int) throws -> [UInt8] {
        if let file { return [UInt8](try Data(contentsOf: URL(fileURLWithPath: file))) }
        var text = ""
        for index in 0..<series {
            let family = "http_requests_\(index / 100)_total"
            if index % 100 == 0 {
                text += "# HELP \(family) The total number of HTTP requests.\n"
                text += "# TYPE \(family) counter\n"
            }
            text += "\(family){method=\"\(["GET", "PUT", "POST"][index % 3])\","
            text += "code=\"\(200 + index % 7)\",handler=\"/api/v1/things/\(index % 100)\"} "
            text += "\(Double(index * 7 + tick) / 4)\n"
        }
        return Array(text.utf8)
    }

    private func count(_ bytes: RawSpan) throws -> Int {
        var reader = TextReader(bytes, openMetrics: openMetrics)
        var samples = 0
        while let entry = try reader.next() { if entry == .sample { samples += 1 } }
        return samples
    }

    private func assemble(
        _ bytes: RawSpan, _ assembler: ScrapeAssembler, _ round: Int
    ) throws {
        let scrape = try assembler.read(
            bytes, contentType: openMetrics ? "application/openmetrics-text" : "text/plain",
            at: UInt64(1_800_000_000 + round * 15) * 1_000_000_000)
        guard scrape.items > 0 else { throw BenchError("the exposition has no samples") }
    }
}

private func cpuSeconds() -> Double {
    var time = timespec()
    unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

private func residentBytes() -> Int {
    let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
    let pages = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
    return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
}
