import WeirSDK

/// One module, ready to be used on any target, by several threads at once.
protocol Prober: Sendable {
    /// Adds to the readings of the attempt. Throws if the target is not as it should be.
    func probe(_ target: String, hostname: String?, _ attempt: inout Attempt) throws(ProbeFailure)
}

struct ProbeModule: Sendable {
    /// `nil`: as long as the collection may take.
    let timeout: Duration?
    let prober: any Prober

    init(
        _ settings: ModuleSettings, _ name: String, _ expressions: RegularExpressions
    ) throws(ComponentError) {
        timeout = settings.timeout
        let compiler = PatternCompiler(expressions: expressions, module: "modules.\(name)")
        switch settings.prober {
        case "http": prober = try HTTPProber(settings.http ?? HTTPSettings(), compiler)
        case "tcp": prober = try TCPProber(settings.tcp ?? TCPSettings(), compiler)
        case "dns":
            guard let dns = settings.dns else {
                throw .invalid("modules.\(name).dns is missing: it has the query_name to ask for")
            }
            prober = try DNSProber(dns, compiler)
        case "icmp": prober = ICMPProber(settings.icmp)
        case "grpc":
            prober = MissingProber(reason: "module \(name): there is no prober grpc here")
        default:
            throw .invalid(
                "modules.\(name).prober is '\(settings.prober)'; expected http, tcp, dns or icmp")
        }
    }
}

/// A module that a pasted file has and nobody needs yet: using it fails, having it does not.
private struct MissingProber: Prober {
    let reason: String

    func probe(
        _ target: String, hostname: String?, _ attempt: inout Attempt
    ) throws(ProbeFailure) {
        throw ProbeFailure(reason)
    }
}
