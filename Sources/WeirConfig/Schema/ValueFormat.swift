/// The formats that a schema can ask of a string.
package enum ValueFormat: String, Sendable, CaseIterable {
    /// As Go writes it: `200ms`, `1m30s`. Plugins receive integer nanoseconds.
    case duration
    /// `512KiB`, `20MiB`, `1048576`. Plugins receive integer bytes.
    case bytes
    /// As Prometheus writes it: `15s`, `1h30m`, `1d`. Plugins receive integer nanoseconds.
    case prometheusDuration = "prometheus-duration"
    /// As Prometheus writes it, where 1 MB is 1024 KB. Plugins receive integer bytes.
    case prometheusBytes = "prometheus-bytes"
    /// What is written, as text, though it may look like a number or a boolean: `regex: true`.
    case text
    /// What to listen on or to connect to: `host:port`, `:port`, `unix:/path`.
    case endpoint
    /// `host:port` with a host.
    case hostport
    /// `http://` or `https://`.
    case url
    /// Any `scheme://`.
    case uri
    /// A path in the file system.
    case path

    /// The format in words, with an example.
    var expectation: String {
        switch self {
        case .duration: "a duration such as 200ms, 5s or 1m30s"
        case .bytes: "a size such as 512KiB, 20MiB or 1048576"
        case .prometheusDuration: "a duration such as 500ms, 15s, 1h30m or 1d"
        case .prometheusBytes: "a size such as 512KB, 20MB or 1048576"
        case .text: "text"
        case .endpoint: "host:port, :port or unix:/path"
        case .hostport: "host:port"
        case .url: "a URL such as https://example.com/path"
        case .uri: "a URI such as postgres://host:5432/name"
        case .path: "a path"
        }
    }

    var code: DiagnosticCode {
        switch self {
        case .duration, .prometheusDuration: .badDuration
        case .bytes, .prometheusBytes: .badByteSize
        case .text: .wrongType
        case .endpoint, .hostport: .badEndpoint
        case .url, .uri: .badURL
        case .path: .badPath
        }
    }

    /// Whether text of this format becomes an integer for the plugin.
    var isNumeric: Bool {
        switch self {
        case .duration, .bytes, .prometheusDuration, .prometheusBytes: true
        case .text, .endpoint, .hostport, .url, .uri, .path: false
        }
    }

    /// Why `text` is not of this format, with advice; `nil` if it is. For the formats that stay
    /// text.
    func complaint(about text: String) -> FormatComplaint? {
        switch self {
        case .duration, .bytes, .prometheusDuration, .prometheusBytes, .text: nil
        case .endpoint: endpointComplaint(text, requiresHost: false)
        case .hostport: endpointComplaint(text, requiresHost: true)
        case .url: urlComplaint(text, schemes: ["http", "https"])
        case .uri: urlComplaint(text, schemes: nil)
        case .path:
            text.isEmpty ? FormatComplaint("the path is empty") : nil
        }
    }
}

struct FormatComplaint: Error, Equatable {
    var reason: String
    var suggestion: String?

    init(_ reason: String, suggestion: String? = nil) {
        self.reason = reason
        self.suggestion = suggestion
    }
}
