import Testing
import WeirSDK
import WeirTelemetry
import WeirTestKit

@testable import PrometheusPlugin

/// Deltas that are as large as a number can be: a total that nobody can count is wrong, and the
/// process lives.
struct AccumulationTests {
    @Test(arguments: [
        (Int32.max, UInt64.max), (.min, .max), (.max - 2, UInt64(Int64.max)), (0, 1 << 62),
        (.min + 1, 1),
    ])
    func hugeNativeHistograms(_ offset: Int32, _ count: UInt64) throws {
        let run = try ExpositionRun()
        for (round, scale) in [0, 0, 3, -4, 20].enumerated() {
            let others: Int32 = round % 2 == 0 ? offset : ~offset
            let time = UInt64(round + 1) * 10
            try run.deliver {
                $0.metric("e", .exponentialHistogram(.delta))
                $0.exponentialHistogramPoint(
                    count: count, sum: .greatestFiniteMagnitude, scale: Int32(scale),
                    zeroCount: count,
                    positive: ExponentialBuckets(offset: offset, counts: [count, 0, count]),
                    negative: ExponentialBuckets(offset: others, counts: [count, count]),
                    at: time + 10, since: time)
            }
            for accept in [
                "", openMetricsAccept,
                "application/vnd.google.protobuf;"
                    + "proto=io.prometheus.client.MetricFamily;encoding=delimited",
            ] {
                #expect(try run.get(accept: accept).code == 200)
            }
        }
        try run.sink.end()
    }

    @Test func hugeNumbersAndBuckets() throws {
        let run = try ExpositionRun()
        for round in 1...3 as ClosedRange<UInt64> {
            try run.deliver {
                $0.metric("c", .sum(.delta, isMonotonic: true))
                $0.point(.int(.max), at: round * 10 + 10, since: round * 10)
                $0.metric("h", .histogram(.delta))
                $0.histogramPoint(
                    count: .max, sum: .infinity, bounds: [1], bucketCounts: [.max, .max],
                    at: round * 10 + 10, since: round * 10)
            }
        }
        #expect(try run.lines().contains { $0.hasPrefix("c_total ") })
        try run.sink.end()
    }
}
