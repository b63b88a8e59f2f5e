import WeirSDK

/// What Prometheus calls the type of a metric.
package enum MetricType: String, Sendable, Decodable, CaseIterable {
    case gauge
    case counter
    case unknown
}

package struct Label: Sendable, Hashable {
    package var name: String
    package var value: String

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// One value of one metric.
package struct Point: Sendable {
    package enum Value: Sendable, Equatable {
        case number(Double)
        /// `counts` are cumulative, as Prometheus has them, without infinity.
        case histogram(bounds: [Double], counts: [UInt64], count: UInt64, sum: Double)
    }

    package var name: String
    /// Of a number; a histogram is one by its value.
    package var type: MetricType
    package var help: String
    package var value: Value
    package var labels: [Label]

    package init(
        _ name: String, _ type: MetricType, help: String, _ value: Value, _ labels: [Label] = []
    ) {
        self.name = name
        self.type = type
        self.help = help
        self.value = value
        self.labels = labels
    }

    package init(gauge name: String, help: String, _ value: Double, _ labels: [Label] = []) {
        self.init(name, .gauge, help: help, .number(value), labels)
    }

    /// `shop_orders{state="open"}`, for people; long values are cut.
    var text: String {
        let labels = labels.map { label in
            let value = label.value.count > 60 ? label.value.prefix(60) + "…" : label.value[...]
            return "\(label.name)=\"\(value)\""
        }
        return "\(name){\(labels.joined(separator: ", "))}"
    }

    /// What makes it one series.
    var series: String {
        labels.reduce(into: name) { $0 += "\u{0}\($1.name)\u{1}\($1.value)" }
    }
}

extension [Point] {
    /// Keeps the first of the points of each series; of the others, by metric, what one is called.
    mutating func removeRepeats() -> [String: String] {
        var seen: Set<String> = []
        seen.reserveCapacity(count)
        var repeated: [String: String] = [:]
        removeAll { point in
            if seen.insert(point.series).inserted { return false }
            if repeated[point.name] == nil { repeated[point.name] = point.text }
            return true
        }
        return repeated
    }

    func write(to metrics: inout Metrics) {
        for point in self { point.write(to: &metrics) }
    }
}

extension Point {
    fileprivate func write(to metrics: inout Metrics) {
        var attributes = Attributes()
        for label in labels { attributes.append(label.name, .string(label.value)) }
        switch value {
        case .histogram(let bounds, let counts, let count, let sum):
            var below: UInt64 = 0
            let buckets = (counts + [count]).map { cumulative in
                defer { below = Swift.max(below, cumulative) }
                return cumulative - Swift.min(cumulative, below)
            }
            metrics.histogram(
                name, help: help, bounds: bounds, buckets: buckets, count: count, sum: sum,
                attributes)
        case .number(let number):
            switch type {
            case .gauge: metrics.gauge(name, help: help, number, attributes)
            case .counter: metrics.counter(name, help: help, number, attributes)
            case .unknown: metrics.unknown(name, help: help, number, attributes)
            }
        }
    }
}
