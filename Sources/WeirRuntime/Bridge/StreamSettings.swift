import NIOCore
import WeirJSON
import WeirNet

extension StreamOptions {
    /// From settings of `weir:stream_client`.
    init(settings: [UInt8], needsEndpoint: Bool = true) throws(NetError) {
        let json: JSONValue
        do { json = try JSONValue(parsing: settings) } catch {
            throw NetError(.configuration, "the settings of the stream are not JSON: \(error)")
        }
        if let text = json["endpoint"]?.stringValue, !text.isEmpty {
            self.init(endpoint: try Endpoint(parsing: text))
        } else if needsEndpoint {
            throw NetError(.configuration, "endpoint is missing: write host:port or unix:/path")
        } else {
            self.init(endpoint: .unix(path: ""))
        }
        if let tls = json["tls"], tls != .null, tls["insecure"]?.boolValue != true {
            self.tls = ClientTLSOptions(settings: tls)
        }
        if let limit = json["timeout"]?.integerValue, limit > 0 { timeout = .nanoseconds(limit) }
    }

    /// Whether a component wants to use the stream in stop().
    static func areKeptAtStop(_ settings: [UInt8]) -> Bool {
        (try? JSONValue(parsing: settings))?["kept_at_stop"]?.boolValue ?? false
    }
}

extension ClientTLSOptions {
    init(settings tls: JSONValue) {
        self.init()
        insecureSkipVerify = tls["insecure_skip_verify"]?.boolValue ?? false
        caFile = tls["ca_file"]?.stringValue
        certFile = tls["cert_file"]?.stringValue
        keyFile = tls["key_file"]?.stringValue
        serverNameOverride = tls["server_name_override"]?.stringValue
        minVersion = tls["min_version"]?.stringValue.flatMap(TLSMinimumVersion.init) ?? .tls12
    }
}
