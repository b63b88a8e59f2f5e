/// The format of an answer, as a reader's Accept header asks for it.
public struct ExpositionDialect: Sendable, Hashable {
    public enum Format: Sendable, Hashable {
        /// Text 0.0.4; 1.0.0 is the same with quoted names.
        case text(version: String)
        /// OpenMetrics 0.0.1 or 1.0.0.
        case openMetrics(version: String)
        /// `io.prometheus.client.MetricFamily`, each preceded by its length.
        case protobuf
    }

    public var format: Format
    public var escaping: NameEscaping

    public init(_ format: Format, _ escaping: NameEscaping = .underscores) {
        self.format = format
        self.escaping = escaping
    }

    /// What every reader of Prometheus' formats takes.
    public static let fallback = ExpositionDialect(.text(version: "0.0.4"))

    /// For the header Content-Type.
    public var contentType: String {
        switch format {
        case .text(let version):
            let type = "text/plain; version=\(version); charset=utf-8"
            return version == "0.0.4" && escaping == .underscores ? type : type + escapingText
        case .openMetrics(let version):
            let type = "application/openmetrics-text; version=\(version); charset=utf-8"
            return version == "0.0.1" && escaping == .underscores ? type : type + escapingText
        case .protobuf:
            let type =
                "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; "
                + "encoding=delimited"
            return escaping == .underscores ? type : type + escapingText
        }
    }

    private var escapingText: String { "; escaping=\(escaping.rawValue)" }

    /// The format with the highest quality in `accept`, the first of equals; ``fallback`` if
    /// there is none. A server of metrics never answers 406.
    ///
    /// - Parameter openMetrics: whether OpenMetrics is offered.
    public init(accept: String?, openMetrics: Bool) {
        let items = (accept ?? "").split(separator: ",").map(AcceptItem.init)
        var best: (quality: Double, dialect: ExpositionDialect)?
        for item in items where item.quality > (best?.quality ?? 0) {
            guard let dialect = item.dialect(openMetrics: openMetrics) else { continue }
            best = (item.quality, dialect)
        }
        self = best?.dialect ?? .fallback
    }
}

/// One media range of an Accept header.
private struct AcceptItem {
    var type = ""
    var quality = 1.0
    var parameters: [String: String] = [:]

    init(_ text: Substring) {
        let parts = text.split(separator: ";", omittingEmptySubsequences: false)
        type = trimmed(parts[0]).lowercased()
        for part in parts.dropFirst() {
            let pair = part.split(separator: "=", maxSplits: 1)
            guard pair.count == 2 else { continue }
            let name = trimmed(pair[0]).lowercased()
            let value = trimmed(pair[1]).filter { $0 != "\"" }
            if name == "q" {
                quality = Double(value).map { min(max($0, 0), 1) } ?? 0
                if quality.isNaN { quality = 0 }
            } else {
                parameters[name] = value
            }
        }
    }

    func dialect(openMetrics: Bool) -> ExpositionDialect? {
        let version = parameters["version"] ?? ""
        let escaping =
            parameters["escaping"].flatMap(NameEscaping.init(rawValue:)) ?? .underscores
        switch (type, version) {
        case ("application/openmetrics-text", ""), ("application/openmetrics-text", "1.0.0"):
            return openMetrics
                ? ExpositionDialect(.openMetrics(version: "1.0.0"), escaping) : nil
        case ("application/openmetrics-text", "0.0.1"):
            return openMetrics
                ? ExpositionDialect(.openMetrics(version: "0.0.1"), escaping) : nil
        case ("application/vnd.google.protobuf", _):
            guard parameters["proto"] == "io.prometheus.client.MetricFamily",
                parameters["encoding"] == "delimited"
            else { return nil }
            return ExpositionDialect(.protobuf, escaping)
        case ("text/plain", ""), ("text/plain", "0.0.4"), ("text/*", _), ("*/*", _):
            return ExpositionDialect(.text(version: "0.0.4"), escaping)
        case ("text/plain", "1.0.0"):
            return ExpositionDialect(.text(version: "1.0.0"), escaping)
        default: return nil
        }
    }
}

private func trimmed(_ text: Substring) -> String {
    var text = text.drop { $0 == " " || $0 == "\t" }
    while text.last == " " || text.last == "\t" { text.removeLast() }
    return String(text)
}
