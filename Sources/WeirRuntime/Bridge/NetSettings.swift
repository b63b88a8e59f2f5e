import NIOCore
import WeirJSON
import WeirNet

// From the host's own pieces of settings (Fragments), validated and with their defaults, to WeirNet.

extension ServerOptions {
    init(settings json: JSONValue, grpc: Bool, http: Bool) throws(NetError) {
        guard let text = json["endpoint"]?.stringValue else {
            throw NetError(.configuration, "endpoint is missing: write host:port")
        }
        // The Collector's form of a socket: transport: unix, endpoint: /path.
        let isPath = text.hasPrefix("/")
        self.init(endpoint: try Endpoint(parsing: isPath ? "unix:" + text : text))
        allowsGRPC = grpc
        allowsHTTP = http
        if let tls = json["tls"], tls != .null { self.tls = try ServerTLSOptions(tls) }
        if let size = json["max_recv_msg_size_mib"]?.integerValue {
            maxRequestBodyBytes = Int(size) << 20
            maxDecompressedBytes = Int(size) << 20
        }
        json["max_request_body_size"]?.bytes.map { maxRequestBodyBytes = $0 }
        json["max_decompressed_body_size"]?.bytes.map { maxDecompressedBytes = $0 }
        json["max_concurrent_streams"]?.bytes.map { maxConcurrentStreams = $0 }
        json["max_connections"]?.bytes.map { maxConnections = $0 }
        json["max_connections_per_client"]?.bytes.map { maxConnectionsPerClient = $0 }
        json["read_header_timeout"]?.time.map { readHeaderTimeout = $0 }
        json["body_timeout"]?.time.map { bodyTimeout = $0 }
        json["idle_timeout"]?.time.map { idleTimeout = $0 }
        let keepalive = json["keepalive"]?["server_parameters"]
        keepalive?["max_connection_idle"]?.time.map { maxConnectionIdle = $0 }
        keepalive?["max_connection_age"]?.time.map { maxConnectionAge = $0 }
        keepalive?["max_connection_age_grace"]?.time.map { maxConnectionAgeGrace = $0 }
        keepalive?["time"]?.time.map { keepaliveTime = $0 }
        keepalive?["timeout"]?.time.map { keepaliveTimeout = $0 }
    }
}

extension ServerTLSOptions {
    init(_ json: JSONValue) throws(NetError) {
        guard let cert = json["cert_file"]?.stringValue, let key = json["key_file"]?.stringValue
        else { throw NetError(.configuration, "tls needs cert_file and key_file") }
        self.init(
            certFile: cert, keyFile: key, clientCAFile: json["client_ca_file"]?.stringValue,
            minVersion: json["min_version"]?.stringValue.flatMap(TLSMinimumVersion.init) ?? .tls12)
    }
}

extension ClientOptions {
    init(settings json: JSONValue, grpc: Bool) throws(NetError) {
        guard let text = json["endpoint"]?.stringValue else {
            throw NetError(.configuration, "endpoint is missing")
        }
        self.init(target: try TargetURL(parsing: text), version: grpc ? .grpc : .http1)
        if let tls = json["tls"], tls != .null {
            insecure = tls["insecure"]?.boolValue ?? false
            self.tls.insecureSkipVerify = tls["insecure_skip_verify"]?.boolValue ?? false
            self.tls.caFile = tls["ca_file"]?.stringValue
            self.tls.certFile = tls["cert_file"]?.stringValue
            self.tls.keyFile = tls["key_file"]?.stringValue
            self.tls.serverNameOverride = tls["server_name_override"]?.stringValue
            self.tls.minVersion =
                tls["min_version"]?.stringValue.flatMap(TLSMinimumVersion.init) ?? .tls12
        }
        for header in json["headers"]?.objectValue ?? [] {
            headers.append((header.key.lowercased(), header.value.stringValue ?? ""))
        }
        followsRedirects = json["follow_redirects"]?.boolValue ?? false
        if let proxy = json["proxy_url"]?.stringValue, !proxy.isEmpty {
            self.proxy = try ClientProxy(parsing: proxy)
        }
        if let auth = json["auth"], auth != .null {
            authorization = try ClientAuthorization(settings: auth)
        }
        if let authority = json["authority"]?.stringValue { target.authority = authority }
        switch json["compression"]?.stringValue {
        case "gzip": compression = .gzip
        case "zstd": compression = .zstd
        case "snappy": compression = .snappy
        default: compression = .identity
        }
        // 0 is no limit.
        if let timeout = json["timeout"]?.time {
            self.timeout = timeout > .zero ? timeout : .hours(24 * 365)
        }
        json["max_idle_conns"]?.bytes.map { maxIdleConnections = $0 }
        json["idle_conn_timeout"]?.time.map { idleConnectionTimeout = $0 }
        keepaliveTime = json["keepalive"]?["time"]?.time
        json["keepalive"]?["timeout"]?.time.map { keepaliveTimeout = $0 }
    }
}

extension ClientAuthorization {
    /// `nil`: none of the two is there.
    fileprivate init?(settings json: JSONValue) throws(NetError) {
        let basic = json["basic"].flatMap { $0 == .null ? nil : $0 }
        let named = json["authorization"].flatMap { $0 == .null ? nil : $0 }
        if basic != nil, named != nil {
            throw NetError(
                .configuration, "auth has both basic and authorization: expected one of them")
        }
        if let basic {
            let user = try Self.secret(basic, "username", in: "auth.basic")
            let password = try Self.secret(basic, "password", in: "auth.basic")
            self.init(.basic(user: user ?? .text("")), password ?? .text(""))
        } else if let named {
            let type = named["type"]?.stringValue ?? "Bearer"
            guard let secret = try Self.secret(named, "credentials", in: "auth.authorization")
            else {
                throw NetError(
                    .configuration,
                    "auth.authorization has no credentials: set credentials or credentials_file")
            }
            self.init(.named(type), secret)
        } else {
            return nil
        }
    }

    private static func secret(
        _ json: JSONValue, _ key: String, in place: String
    ) throws(NetError) -> Secret? {
        let (text, file) = (json[key]?.stringValue, json["\(key)_file"]?.stringValue)
        if text != nil, file != nil {
            throw NetError(
                .configuration,
                "\(place) has both \(key) and \(key)_file: expected one of them")
        }
        return file.map { .file($0) } ?? text.map { .text($0) }
    }
}

extension JSONValue {
    fileprivate var bytes: Int? { integerValue.flatMap { Int(exactly: $0) } }
    /// Durations cross as nanoseconds.
    fileprivate var time: TimeAmount? { integerValue.map { .nanoseconds($0) } }
}
