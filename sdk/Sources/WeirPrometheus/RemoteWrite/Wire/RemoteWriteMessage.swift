/// The two protobuf messages of remote write, by their names in `Content-Type` and configurations.
public enum RemoteWriteMessage: String, Sendable, Hashable, CaseIterable, Decodable {
    /// Remote write 1.0.
    case v1 = "prometheus.WriteRequest"
    /// Remote write 2.0.
    case v2 = "io.prometheus.write.v2.Request"

    /// The value of `Content-Type`. 1.0 is sent without the parameter that it came before.
    public var contentType: String {
        switch self {
        case .v1: "application/x-protobuf"
        case .v2: "application/x-protobuf;proto=io.prometheus.write.v2.Request"
        }
    }

    /// The value of `X-Prometheus-Remote-Write-Version`.
    public var version: String {
        switch self {
        case .v1: "0.1.0"
        case .v2: "2.0.0"
        }
    }

    /// From `Content-Type`; without a `proto` parameter it is 1.0. `nil`: neither.
    public init?(contentType: String) {
        let parts = contentType.split(separator: ";", omittingEmptySubsequences: false)
        guard parts[0].trimmed.lowercased() == "application/x-protobuf" else { return nil }
        var name: String?
        for part in parts.dropFirst() {
            let pair = part.split(separator: "=", maxSplits: 1)
            guard pair.count == 2, pair[0].trimmed.lowercased() == "proto" else { continue }
            name = pair[1].trimmed.filter { $0 != "\"" }
        }
        guard let name else {
            self = .v1
            return
        }
        self.init(rawValue: name)
    }
}

extension Substring {
    fileprivate var trimmed: String {
        var rest = self
        while let first = rest.first, first == " " || first == "\t" { rest.removeFirst() }
        while let last = rest.last, last == " " || last == "\t" { rest.removeLast() }
        return String(rest)
    }
}
