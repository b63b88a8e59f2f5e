package struct ProbeSettings: Decodable, Sendable {
    package var modules: [String: ModuleSettings]?
    package var targets: [TargetSettings]?
    /// One target alone, without labels: what /probe?target= asks for.
    package var target: String?
    package var module: String?
    package var hostname: String?
}

package struct TargetSettings: Decodable, Sendable {
    package var target: String
    package var name: String?
    package var module: String?
    package var hostname: String?
    package var labels: [String: String]?
}

/// A module as blackbox.yml has it. What is missing has that exporter's default.
package struct ModuleSettings: Decodable, Sendable {
    package var prober: String
    package var timeout: Duration?
    package var http: HTTPSettings?
    package var tcp: TCPSettings?
    package var dns: DNSSettings?
    package var icmp: ICMPSettings?

    static func plain(_ prober: String) -> ModuleSettings { ModuleSettings(prober: prober) }

    private init(prober: String) { self.prober = prober }

    /// The modules that are there without being configured.
    static var builtIn: [String: ModuleSettings] {
        var post = ModuleSettings(prober: "http")
        post.http = HTTPSettings()
        post.http?.method = "POST"
        var tls = ModuleSettings(prober: "tcp")
        tls.tcp = TCPSettings()
        tls.tcp?.tls = true
        return [
            "http_2xx": plain("http"), "http_post_2xx": post, "tcp_connect": plain("tcp"),
            "tls_connect": tls, "icmp": plain("icmp"),
        ]
    }
}

package struct TLSSettings: Decodable, Sendable {
    package var caFile: String?
    package var certFile: String?
    package var keyFile: String?
    package var serverName: String?
    package var insecureSkipVerify: Bool?
    package var minVersion: String?

    /// Without the name that the first host's certificate is for.
    var ofAnotherHost: TLSSettings {
        var other = self
        other.serverName = nil
        return other
    }
}
