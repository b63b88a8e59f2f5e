import WeirSDK

/// What one probe found. All of it are gauges, as in blackbox_exporter.
struct Readings: Sendable {
    struct Reading: Sendable, Equatable {
        var name: String
        var help: String
        var labels: [Label]
        var value: Double
    }

    struct Label: Sendable, Equatable {
        var name: String
        var value: String
    }

    private(set) var all: [Reading] = []

    /// Sets a reading; one of the same name and label is replaced.
    mutating func set(
        _ name: String, _ value: Double, labels: [Label] = [], help: String
    ) {
        if let index = all.firstIndex(where: { $0.name == name && $0.labels == labels }) {
            all[index].value = value
        } else {
            all.append(Reading(name: name, help: help, labels: labels, value: value))
        }
    }

    func write(to metrics: inout Metrics, _ labels: Attributes) {
        for reading in all {
            var all = labels
            for label in reading.labels { all.append(label.name, .string(label.value)) }
            metrics.gauge(reading.name, help: reading.help, reading.value, all)
        }
    }
}

extension Double {
    init(_ flag: Bool) { self = flag ? 1 : 0 }
}

/// Why a probe failed, for the log.
struct ProbeFailure: Error, Sendable {
    var message: String
    /// The time was over.
    var isTimeout: Bool

    init(_ message: String, isTimeout: Bool = false) {
        self.message = message
        self.isTimeout = isTimeout
    }

    init(_ error: ComponentError) {
        self.init(error.message, isTimeout: error.kind == .timeout)
    }
}
