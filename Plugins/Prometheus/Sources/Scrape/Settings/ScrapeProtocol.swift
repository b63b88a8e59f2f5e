import WeirPrometheus

/// A format that a target is asked for, by its name in `scrape_protocols`.
enum ScrapeProtocol: String, Sendable, Hashable, CaseIterable, Decodable {
    case proto = "PrometheusProto"
    case openMetrics1 = "OpenMetricsText1.0.0"
    case openMetrics0 = "OpenMetricsText0.0.1"
    case text1 = "PrometheusText1.0.0"
    case text0 = "PrometheusText0.0.4"

    /// In the order of Prometheus' default.
    static let texts: [ScrapeProtocol] = [.openMetrics1, .openMetrics0, .text1, .text0]

    init(from decoder: any Decoder) throws {
        let name = try decoder.singleValueContainer().decode(String.self)
        guard let found = ScrapeProtocol(rawValue: name) else {
            let names = ScrapeProtocol.allCases.map(\.rawValue).joined(separator: ", ")
            throw decoder.refusal("found \"\(name)\", expected one of \(names)")
        }
        self = found
    }

    var format: ExpositionFormat {
        switch self {
        case .proto: .protobuf
        case .openMetrics0, .openMetrics1: .openMetrics
        case .text0, .text1: .text
        }
    }

    private var mediaType: String {
        switch self {
        case .proto:
            "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;"
                + "encoding=delimited"
        case .openMetrics1: "application/openmetrics-text;version=1.0.0"
        case .openMetrics0: "application/openmetrics-text;version=0.0.1"
        case .text1: "text/plain;version=1.0.0"
        case .text0: "text/plain;version=0.0.4"
        }
    }

    /// The Accept header as Prometheus sends it: falling weights in the order given, and anything
    /// else last. Only the two newest texts know about escaping.
    static func accept(_ protocols: [ScrapeProtocol], escaping: String) -> String {
        var weight = ScrapeProtocol.allCases.count + 1
        var parts: [String] = []
        for item in protocols {
            let knowsEscaping = item == .openMetrics1 || item == .text1
            parts.append(
                item.mediaType + (knowsEscaping ? ";escaping=\(escaping)" : "") + ";q=0.\(weight)")
            weight -= 1
        }
        parts.append("*/*;q=0.\(weight)")
        return parts.joined(separator: ",")
    }
}
