/// The samples of one moment, and the page that Prometheus reads.
package struct MetricsPage: Sendable {
    package enum Format: Sendable {
        /// Prometheus text 0.0.4.
        case prometheus
        /// OpenMetrics 1.0.
        case openMetrics

        package var contentType: String {
            switch self {
            case .prometheus: "text/plain; version=0.0.4; charset=utf-8"
            case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
            }
        }

        /// What an `Accept` header asks for.
        package init(accept: String?) {
            self =
                accept?.contains("application/openmetrics-text") == true
                ? .openMetrics : .prometheus
        }
    }

    private var samples: [MetricFamily: [(labels: [String], value: Double)]] = [:]

    package init() {}

    /// - Parameter labels: the values for the family's labels, in their order.
    package mutating func add(_ family: MetricFamily, _ labels: [String] = [], _ value: Double) {
        precondition(labels.count == family.labels.count, "\(family.name) has other labels")
        samples[family, default: []].append((labels, value))
    }

    package func rendered(_ format: Format) -> String {
        var page = ""
        for family in MetricFamily.all {
            guard let samples = samples[family] else { continue }
            // OpenMetrics names the family of a counter without its suffix.
            let name =
                format == .openMetrics && family.kind != .gauge
                ? family.name.removing(suffix: family.kind == .info ? "_info" : "_total")
                : family.name
            let kind =
                family.kind == .info && format == .prometheus ? "gauge" : family.kind.rawValue
            page += "# HELP \(name) \(family.help)\n# TYPE \(name) \(kind)\n"
            for sample in samples {
                page += family.name
                if !family.labels.isEmpty {
                    let pairs = zip(family.labels, sample.labels).map { "\($0)=\"\(escaped($1))\"" }
                    page += "{" + pairs.joined(separator: ",") + "}"
                }
                page += " \(number(sample.value))\n"
            }
        }
        if format == .openMetrics { page += "# EOF\n" }
        return page
    }

    private func number(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : String(value)
    }

    private func escaped(_ text: String) -> String {
        guard text.utf8.contains(where: { $0 == 0x22 || $0 == 0x5c || $0 == 0x0a }) else {
            return text
        }
        var result = ""
        for character in text.unicodeScalars {
            switch character {
            case "\\": result += "\\\\"
            case "\"": result += "\\\""
            case "\n": result += "\\n"
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }
}

extension String {
    func removing(suffix: String) -> String {
        hasSuffix(suffix) ? String(dropLast(suffix.count)) : self
    }
}
