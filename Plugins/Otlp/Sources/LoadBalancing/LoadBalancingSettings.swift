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
    let resolver: Resolver
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
        let resolvers = try settings.nestedContainer(keyedBy: ResolverKeys.self, forKey: .resolver)
        let fixed = try resolvers.decodeIfPresent(Static.self, forKey: .static)
        let dns = try resolvers.decodeIfPresent(DNSSettings.self, forKey: .dns)
        switch (fixed, dns) {
        case (let fixed?, nil): resolver = .fixed(fixed.hostnames)
        case (nil, let dns?): resolver = .dns(dns)
        case (nil, nil), (.some, .some):
            throw ComponentError.invalid(
                "resolver has \(fixed == nil ? "neither `static` nor `dns`" : "both `static` and `dns`")"
                    + ": expected one of them")
        }
    }

    /// What the schema cannot say.
    func check() throws(ComponentError) {
        if routingKey == .attributes, routingAttributes.isEmpty {
            throw .invalid(
                "routing_key is attributes, and `routing_attributes` is empty: name at least one")
        }
        if routingKey != .attributes, !routingAttributes.isEmpty {
            throw .invalid(
                "`routing_attributes` is set, and routing_key is not attributes: set it, or leave "
                    + "them out")
        }
        if case .fixed(let names) = resolver, names.allSatisfy(\.isEmpty) {
            throw .invalid("resolver.static.hostnames is empty: name at least one backend")
        }
    }
}

/// How a backend is spoken to.
struct BackendSettings: Decodable, Sendable {
    let protocols: Protocols
    private let client: HostSettings
    /// For one part at one backend; `nil`: as long as the whole delivery has.
    let timeout: Duration?

    private enum Keys: CodingKey { case otlp, otlphttp }
    private enum OwnKeys: CodingKey { case timeout }

    init(from decoder: any Decoder) throws {
        let settings = try decoder.container(keyedBy: Keys.self)
        guard settings.contains(.otlp) != settings.contains(.otlphttp) else {
            throw ComponentError.invalid(
                "protocol has \(settings.contains(.otlp) ? "both" : "neither of") `otlp` and "
                    + "`otlphttp`: expected one of them")
        }
        let key = settings.contains(.otlp) ? Keys.otlp : Keys.otlphttp
        protocols = key == .otlp ? .grpc : .http
        var timeout = Duration.seconds(5)
        if try settings.decodeNil(forKey: key) {
            client = HostSettings(.object([]))
        } else {
            client = try settings.decode(HostSettings.self, forKey: key)
            let own = try settings.nestedContainer(keyedBy: OwnKeys.self, forKey: key)
            timeout = try own.decodeIfPresent(Duration.self, forKey: .timeout) ?? timeout
        }
        self.timeout = timeout > .zero ? timeout : nil
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
        guard protocols == .http else { return client.replacing(endpoint: name) }
        let isPlain = client.json["tls"]?["insecure"]?.boolValue ?? false
        return client.replacing(endpoint: "\(isPlain ? "http" : "https")://\(name)")
    }
}
