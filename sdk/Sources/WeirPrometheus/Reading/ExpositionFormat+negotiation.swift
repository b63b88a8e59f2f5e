extension ExpositionFormat {
    /// The format that a Content-Type names, whatever its parameters; `nil` if it is none of them.
    public init?(contentType: String) {
        let media = contentType.prefix { $0 != ";" }
        switch media.trimmed.lowercased() {
        case "text/plain": self = .text
        case "application/openmetrics-text": self = .openMetrics
        case "application/vnd.google.protobuf": self = .protobuf
        default: return nil
        }
    }
}

extension Substring {
    fileprivate var trimmed: Substring {
        var text = drop { $0 == " " || $0 == "\t" }
        while text.last == " " || text.last == "\t" { text.removeLast() }
        return text
    }
}
