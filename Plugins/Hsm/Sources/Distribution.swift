import WeirSDK

/// Durations as a histogram, from 100 microseconds to 26 seconds: software tokens sign within the
/// first, a remote one under load within the last.
package struct Distribution: Sendable {
    package static let bounds: [Double] = [
        0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5,
        10, 25,
    ]
    private var buckets = [UInt64](repeating: 0, count: Distribution.bounds.count + 1)
    private var count: UInt64 = 0
    private var sum = 0.0

    package init() {}

    package mutating func add(_ seconds: Double) {
        let index = Distribution.bounds.firstIndex { seconds <= $0 } ?? Distribution.bounds.count
        buckets[index] += 1
        count += 1
        sum += seconds
    }

    func write(_ name: String, _ help: String, _ labels: Attributes, to metrics: inout Metrics) {
        metrics.histogram(
            name, unit: "s", help: help, bounds: Distribution.bounds, buckets: buckets,
            count: count, sum: sum, labels)
    }
}
