import WeirSDK

/// One point of what was read, before it is written: names without the namespace.
package struct Sample: Sendable, Equatable {
    package enum Kind: Sendable, Equatable {
        case gauge
        case counter
        case summary(quantiles: [Double], values: [Double], count: UInt64)
    }

    package var name: String
    package var kind: Kind
    /// Of a summary: the sum.
    package var value: Double
    package var labels: [(name: String, value: String)]

    package static func gauge(
        _ name: String, _ value: Double, _ labels: KeyValuePairs<String, String> = [:]
    ) -> Sample {
        Sample(name: name, kind: .gauge, value: value, labels: labels.map { ($0.key, $0.value) })
    }

    package static func counter(
        _ name: String, _ value: Double, _ labels: KeyValuePairs<String, String> = [:]
    ) -> Sample {
        Sample(name: name, kind: .counter, value: value, labels: labels.map { ($0.key, $0.value) })
    }

    package static func == (one: Sample, other: Sample) -> Bool {
        one.name == other.name && one.kind == other.kind && one.value == other.value
            && one.labels.elementsEqual(other.labels) { $0 == $1 }
    }

    /// What tells it from others.
    var identity: String {
        labels.reduce(name) { $0 + "\u{0}" + $1.name + "\u{0}" + $1.value }
    }
}

/// What one collection read. A series comes once: the first wins, whatever the server repeats.
package struct Samples: Sendable {
    package private(set) var all: [Sample] = []
    private var known: Set<String> = []

    package init() {}

    package mutating func add(_ sample: Sample) {
        if known.insert(sample.identity).inserted { all.append(sample) }
    }

    package mutating func add(_ samples: [Sample]) {
        for sample in samples { add(sample) }
    }

    func write(to metrics: inout Metrics, namespace: String) {
        for sample in all {
            var labels = Attributes()
            for label in sample.labels { labels.append(label.name, .string(label.value)) }
            let name = "\(namespace)_\(sample.name)"
            let help = MetricHelp.text(sample.name)
            switch sample.kind {
            case .gauge: metrics.gauge(name, help: help, sample.value, labels)
            case .counter: metrics.counter(name, help: help, sample.value, labels)
            case .summary(let quantiles, let values, let count):
                metrics.summary(
                    name, help: help, quantiles: zip(quantiles, values).map { ($0, $1) },
                    count: count, sum: sample.value, labels)
            }
        }
    }
}
