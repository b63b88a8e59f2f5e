import WeirJSON
import WeirSDK

/// The settings of `loadbalancing`.
struct LoadBalancingSettings: Decodable, Sendable {
    enum Resolver: Sendable {
        case fixed([String])
        case dns(DNSSettings)
    }

    struct DNSSettings: Decodable, Sendable {
        var hostname: String
        var port: String?
        var interval: Duration
        var timeout: Duration
    }

    private struct Static: Decodable { var hostnames: [String] }

    let backends: BackendSettings
    private let resolvers: (fixed: [String]?, dns: DNSSettings?)
    let routingKey: RoutingKey?
    let routingAttributes: [String]

    private enum Keys: CodingKey { case `protocol`, resolver, routingKey, routingAttributes }
    private enum ResolverKeys: CodingKey { case `static`, dns }

    init(from decoder: any Decoder) throws {
        let settings = try decoder.container(keyedBy: Keys.self)
        backends = try settings.decode(BackendSettings.self, forKey: .protocol)
        routingKey = try settings.decodeIfPresent(RoutingKey.self, forKey: .routingKey)
        routingAttributes =
            try settings.decodeIfPresent([String].self, forKey: .routingAttributes) ?? []
        let ways = try settings.nestedContainer(keyedBy: ResolverKeys.self, forKey: .resolver)
        let fixed = try ways.decodeIfPresent(Static.self, forKey: .static)
        let dns = try ways.decodeIfPresent(DNSSettings.self, forKey: .dns)
        resolvers = (fixed?.hostnames, dns)
    }

    /// Who the backends are. Throws where the settings do not say one way.
    func resolver() throws(ComponentError) -> Resolver {
        switch resolvers {
        case (let names?, nil): return .fixed(names)
        case (nil, let dns?): return .dns(dns)
        case (nil, nil), (.some, .some):
            throw .invalid(
                "resolver: it has \(resolvers.fixed == nil ? "neither `static` nor" : "both `static` and") "
                    + "`dns`: expected one of them")
        }
    }

    /// What the schema cannot say.
    ///
    /// - Parameter doubt: called with what has no effect, and is taken all the same.
    func check(doubt: (String) -> Void = { _ in }) throws(ComponentError) {
        var problems = SettingsProblems()
        problems.check { () throws(ComponentError) in _ = try resolver() }
        if routingKey == .attributes, routingAttributes.isEmpty {
            problems.add(
                "routing_key: it is attributes, and `routing_attributes` is empty: name at least one"
            )
        }
        if routingKey != .attributes, !routingAttributes.isEmpty {
            problems.add(
                "routing_attributes: it is set, and routing_key is not attributes: set it, or leave "
                    + "them out")
        }
        var known: [String: Int] = [:]
        for (index, name) in (resolvers.fixed ?? []).enumerated() {
            let path = "resolver.static.hostnames[\(index)]"
            problems.check { () throws(ComponentError) in try backends.check(server: name, path) }
            // The Collector takes it, and so it starts.
            if let first = known[backends.withPort(name)] {
                doubt(
                    "\(path): \(HostSettings.printable(name)) is hostnames[\(first)] already: a "
                        + "server gets its share once; leave one of them out")
            }
            known[backends.withPort(name)] = known[backends.withPort(name)] ?? index
        }
        resolvers.dns?.check(&problems)
        problems.check { () throws(ComponentError) in try backends.check() }
        try problems.report()
    }
}

extension LoadBalancingSettings.DNSSettings {
    func check(_ problems: inout SettingsProblems) {
        let path = "resolver.dns"
        if hostname.contains(where: { ":/[]@ ".contains($0) }) {
            let isHostAndPort = hostname.count(where: { $0 == ":" }) == 1
            problems.add(
                "\(path).hostname: found \(HostSettings.printable(hostname)), expected a name to look "
                    + "up" + (isHostAndPort ? ": the port goes into resolver.dns.port" : ""))
        }
        if let port, UInt16(port) ?? 0 == 0 {
            problems.add(
                "\(path).port: found '\(port)', expected a number from 1 to 65535: leave it out for "
                    + "the protocol's own")
        }
        if interval <= .zero {
            problems.add(
                "\(path).interval: found \(interval), expected more than that: leave it out for 5s")
        }
        if timeout <= .zero {
            problems.add(
                "\(path).timeout: found \(timeout), expected more than that: leave it out for 1s")
        }
    }
}

/// How a backend is spoken to.
struct BackendSettings: Decodable, Sendable {
    /// The settings of one protocol: the host's, and what stands beside them.
    private struct Way: Decodable, Sendable {
        var client = HostSettings(.object([]))
        var endpoint = ""
        var timeout = Duration.seconds(5)

        private enum Keys: CodingKey { case endpoint, timeout }

        init(from decoder: any Decoder) throws {
            client = try HostSettings(from: decoder)
            let own = try decoder.container(keyedBy: Keys.self)
            endpoint = try own.decodeIfPresent(String.self, forKey: .endpoint) ?? endpoint
            timeout = try own.decodeIfPresent(Duration.self, forKey: .timeout) ?? timeout
        }
    }

    private let otlp: Way?
    private let otlphttp: Way?

    /// What the schema cannot say.
    func check() throws(ComponentError) {
        guard (otlp == nil) != (otlphttp == nil) else {
            throw .invalid(
                "protocol: it has \(otlp == nil ? "neither `otlp` nor" : "both `otlp` and") `otlphttp`: "
                    + "expected one of them")
        }
        let endpoint = (otlp ?? otlphttp)?.endpoint ?? ""
        guard endpoint.isEmpty else {
            throw .invalid(
                "protocol.\(otlp == nil ? "otlphttp" : "otlp").endpoint: found \(HostSettings.printable(endpoint)), expected none: leave it "
                    + "out, the servers are those of `resolver`")
        }
    }

    /// A server is a name or an address, and perhaps a port.
    func check(server name: String, _ path: String) throws(ComponentError) {
        let full = withPort(name)
        let colon = full.lastIndex(of: ":") ?? full.endIndex
        let (host, port) = (full[..<colon], full[colon...].dropFirst())
        let isAddress =
            host.hasPrefix("[") && host.hasSuffix("]")
            && host.dropFirst().dropLast().allSatisfy { $0.isHexDigit || ":.%".contains($0) }
        guard !host.isEmpty, isAddress || !host.contains(where: { "/:[]@ ".contains($0) }),
            let number = UInt16(port), number > 0
        else {
            throw .invalid(
                "\(path): found \(HostSettings.printable(name)), expected HOST or HOST:PORT, without a "
                    + "scheme or a path")
        }
    }

    var protocols: Protocols { otlphttp == nil ? .grpc : .http }

    /// For one part at one backend; `nil`: as long as the whole delivery has.
    var timeout: Duration? {
        (otlp ?? otlphttp).flatMap { $0.timeout > .zero ? $0.timeout : nil }
    }

    var defaultPort: String { protocols == .grpc ? "4317" : "4318" }

    /// `name`, with the protocol's port if it has none.
    func withPort(_ name: String) -> String {
        let end = name.lastIndex(of: "]") ?? name.startIndex
        // An address of IP version 6 has colons and, without brackets, no port.
        if !name.hasPrefix("["), name.count(where: { $0 == ":" }) > 1 {
            return "[\(name)]:\(defaultPort)"
        }
        return name[end...].contains(":") ? name : "\(name):\(defaultPort)"
    }

    /// The host's settings for the backend `host:port`.
    func client(for name: String) -> HostSettings {
        let client = (otlp ?? otlphttp)?.client ?? HostSettings(.object([]))
        guard protocols == .http else { return client.replacing(endpoint: name) }
        let isPlain = client.json["tls"]?["insecure"]?.boolValue ?? false
        return client.replacing(endpoint: "\(isPlain ? "http" : "https")://\(name)")
    }
}
