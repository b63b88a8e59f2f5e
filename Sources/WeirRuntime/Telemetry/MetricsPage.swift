/// The samples of one moment, and the page that Prometheus reads.
package struct MetricsPage: Sendable {
    package enum Format: Sendable {
        /// Prometheus text 0.0.4.
        case prometheus
        /// OpenMetrics 1.0.
        case openMetrics

        package var contentType: String {
            switch self {
            case .prometheus: ExpositionText.contentType
            case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
            }
        }

        /// What an `Accept` header likes best; what it likes equally is OpenMetrics.
        package init(accept: String?) {
            var best = (openMetrics: 0.0, text: 0.0)
            for range in (accept ?? "").split(separator: ",") {
                let parts = range.split(separator: ";").map { $0.withoutBlanks.lowercased() }
                func parameter(_ name: String) -> String? {
                    parts.dropFirst().first { $0.hasPrefix(name + "=") }
                        .map { String($0.dropFirst(name.count + 1)) }
                }
                let weight = parameter("q").map { Double($0) ?? 0 } ?? 1
                switch parts.first {
                case "application/openmetrics-text":
                    guard ["1.0.0", "0.0.1"].contains(parameter("version") ?? "1.0.0") else {
                        break
                    }
                    best.openMetrics = max(best.openMetrics, weight)
                case "text/plain":
                    guard parameter("version") ?? "0.0.4" == "0.0.4" else { break }
                    best.text = max(best.text, weight)
                default: break
                }
            }
            self =
                best.openMetrics > 0 && best.openMetrics >= best.text ? .openMetrics : .prometheus
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
        var page = ExpositionText(format)
        for family in MetricFamily.all {
            guard let samples = samples[family] else { continue }
            // OpenMetrics names the family of a counter without its suffix.
            let name =
                format == .openMetrics && family.kind != .gauge
                ? family.name.removing(suffix: family.kind == .info ? "_info" : "_total")
                : family.name
            let kind =
                family.kind == .info && format == .prometheus ? "gauge" : family.kind.rawValue
            page.family(name, type: kind, help: family.help)
            for sample in samples {
                page.sample(
                    family.name, zip(family.labels, sample.labels),
                    ExpositionText.number(sample.value))
            }
        }
        page.end()
        return page.text
    }

    /// Leaves out the families that somebody else has.
    mutating func remove(_ names: Set<String>) {
        samples = samples.filter { !names.contains($0.key.name) }
    }
}

extension Substring {
    fileprivate var withoutBlanks: Substring {
        let rest = drop { $0 == " " || $0 == "\t" }
        return rest.lastIndex { $0 != " " && $0 != "\t" }.map { rest[...$0] } ?? ""
    }
}

extension String {
    func removing(suffix: String) -> String {
        hasSuffix(suffix) ? String(dropLast(suffix.count)) : self
    }
}
