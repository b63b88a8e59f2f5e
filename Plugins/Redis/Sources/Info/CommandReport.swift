/// Calls, times and errors of each command; the latencies need the calls, which stand elsewhere.
struct CommandReport {
    private struct Calls {
        var count: Double
        var microseconds: Double
    }

    var samples: [Sample] { calls + latencies }

    private var calls: [Sample] = []
    private var counts: [Substring: Calls] = [:]
    private var percentiles: [(command: Substring, ranks: [Double], values: [Double])] = []

    init() {}

    /// `cmdstat_get:calls=21,usec=175,usec_per_call=8.33,rejected_calls=0,failed_calls=0`.
    mutating func readCalls(_ line: InfoText.Line) {
        guard line.key.hasPrefix("cmdstat_") else { return }
        let command = line.key.dropFirst(8)
        let pairs = InfoText.pairs(line.value)
        func number(_ key: Substring) -> Double? { pairs[key].flatMap { Double($0) } }
        guard let count = number("calls"), let time = number("usec") else { return }
        counts[command] = Calls(count: count, microseconds: time)
        let name = String(command)
        calls.append(.counter("commands_total", count, ["cmd": name]))
        calls.append(.counter("commands_duration_seconds_total", time / 1e6, ["cmd": name]))
        // Since Redis 6.2.
        if let rejected = number("rejected_calls"), let failed = number("failed_calls") {
            calls.append(.counter("commands_rejected_calls_total", rejected, ["cmd": name]))
            calls.append(.counter("commands_failed_calls_total", failed, ["cmd": name]))
        }
    }

    /// `latency_percentiles_usec_get:p50=0.001,p99=1.003,p99.9=3.007`.
    mutating func readLatency(_ line: InfoText.Line) {
        let prefix = "latency_percentiles_usec_"
        guard line.key.hasPrefix(prefix) else { return }
        var points: [(rank: Double, value: Double)] = []
        for (key, text) in InfoText.pairs(line.value) {
            guard key.hasPrefix("p"), let rank = Double(key.dropFirst()), let value = Double(text)
            else { return }
            points.append((rank, value))
        }
        points.sort { $0.rank < $1.rank }
        let command = line.key.dropFirst(prefix.count)
        percentiles.append((command, points.map(\.rank), points.map(\.value)))
    }

    /// What a server says can be any number, and none.
    private static func whole(_ count: Double) -> UInt64 {
        count > 0 ? UInt64(exactly: count.rounded(.down)) ?? .max : 0
    }

    /// The quantiles are percentages, as they always were under this name.
    private var latencies: [Sample] {
        percentiles.compactMap { entry in
            guard let calls = counts[entry.command] else { return nil }
            return Sample(
                name: "latency_percentiles_usec",
                kind: .summary(
                    quantiles: entry.ranks, values: entry.values, count: Self.whole(calls.count)),
                value: calls.microseconds, labels: [("cmd", String(entry.command))])
        }
    }
}
