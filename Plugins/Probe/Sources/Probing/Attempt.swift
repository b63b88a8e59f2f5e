import WeirJSON
import WeirSDK
import WeirTelemetry

/// One probe of one target: what it may use, until when, and what it has found.
struct Attempt {
    let host: Host
    let streams: Streams
    let deadline: Deadline
    var readings = Readings()

    init(_ host: Host, _ streams: Streams, _ deadline: Deadline) {
        self.host = host
        self.streams = streams
        self.deadline = deadline
        readings.set(
            "probe_dns_lookup_time_seconds", 0, help: "How long the name took to look up.")
        readings.set("probe_ip_protocol", 0, help: "4 or 6: which IP was spoken.")
        readings.set("probe_ip_addr_hash", 0, help: "Changes when the address does.")
    }

    var timeLeft: Duration { host.remaining(until: deadline) ?? .seconds(120) }

    /// Looks a name up and notes what came of it, and how long it took in seconds.
    mutating func resolve(
        _ name: String, _ choice: AddressChoice, isFirst: Bool = true
    ) -> (address: IPAddress?, seconds: Double, problem: String) {
        let start = host.monotonic
        var problem = ""
        var address: IPAddress?
        do throws(ProbeFailure) {
            address = choice.choose(try NameLookup.addresses(of: name, within: timeLeft))
            if address == nil {
                problem = "\(name) has no address of \(choice.prefersVersion6 ? "IPv6" : "IPv4")"
            }
        } catch {
            problem = error.message
        }
        let seconds = Double(host.monotonic - start) / 1e9
        guard isFirst else { return (address, seconds, problem) }
        readings.set(
            "probe_dns_lookup_time_seconds", seconds, help: "How long the name took to look up.")
        if let address {
            readings.set(
                "probe_ip_protocol", address.isVersion4 ? 4 : 6,
                help: "4 or 6: which IP was spoken.")
            readings.set(
                "probe_ip_addr_hash", Double(address.hash), help: "Changes when the address does.")
        }
        return (address, seconds, problem)
    }

    /// Connects; with TLS whatever the certificate is, so that it can be looked at.
    func connect(
        _ address: IPAddress, port: Int, tls: TLSChoice?
    ) throws(ProbeFailure) -> Stream {
        do throws(ComponentError) {
            return try streams.connect(
                settings(address.endpoint(port), tls), deadline: deadline)
        } catch {
            throw ProbeFailure(error)
        }
    }

    /// Notes what the handshake came to; throws if the certificate will not do.
    mutating func look(at stream: Stream, _ choice: TLSChoice) throws(ProbeFailure) {
        do throws(ComponentError) {
            guard let info = try stream.tlsInfo() else { return }
            readings.set(info)
            if !info.isVerified, !choice.takesAny {
                throw .refused("its certificate is not trusted: \(info.problem)")
            }
        } catch {
            throw ProbeFailure(error)
        }
    }

    func settings(_ endpoint: String, _ tls: TLSChoice?) -> HostSettings {
        // The deadline is what ends it, and not the host's own timeout.
        let timeout = Int64(clamping: timeLeft.clampedNanoseconds)
        var members = [
            JSONMember("endpoint", .string(endpoint)),
            JSONMember("timeout", .integer(max(1, timeout))),
        ]
        if let tls { members.append(JSONMember("tls", tls.json)) }
        return HostSettings(.object(members))
    }
}

/// How TLS is spoken to one server.
struct TLSChoice: Sendable {
    let json: JSONValue
    /// Whether a certificate that is not trusted will do.
    let takesAny: Bool

    init(_ settings: TLSSettings?, name: String) {
        var members: [JSONMember] = []
        func add(_ key: String, _ value: String?) {
            if let value, !value.isEmpty { members.append(JSONMember(key, .string(value))) }
        }
        add("ca_file", settings?.caFile)
        add("cert_file", settings?.certFile)
        add("key_file", settings?.keyFile)
        add("min_version", settings?.minVersion.map(TLSChoice.version))
        add("server_name_override", settings?.serverName ?? name)
        // The verdict on the certificate comes with what the handshake came to.
        members.append(JSONMember("insecure_skip_verify", .bool(true)))
        json = .object(members)
        takesAny = settings?.insecureSkipVerify ?? false
    }

    /// `TLS12` is `1.2` here.
    private static func version(_ text: String) -> String {
        guard text.hasPrefix("TLS1"), text.count == 5, let minor = text.last else { return text }
        return "1.\(minor)"
    }
}

extension Readings {
    /// What a handshake came to.
    mutating func set(_ tls: TLSInfo) {
        let chain = tls.certificates
        // The authority that is trusted is not the server's.
        var sent = chain
        if sent.count > 1, let last = sent.last, last.subject == last.issuer { sent.removeLast() }
        set(
            "probe_ssl_earliest_cert_expiry", Double(sent.map(\.notAfter).min() ?? 0),
            help: "When the first certificate of the chain ends, in Unix time.")
        // Without a verified chain the counterpart has the zero of its own time.
        set(
            "probe_ssl_last_chain_expiry_timestamp_seconds",
            tls.isVerified ? Double(chain.map(\.notAfter).min() ?? 0) : -62_135_596_800,
            help: "When the chain that was verified ends, in Unix time.")
        set(
            "probe_ssl_last_chain_info", 1,
            labels: sent.first.map { leaf in
                [
                    Label(name: "fingerprint_sha256", value: leaf.sha256.hex),
                    Label(name: "subject", value: leaf.subject),
                    Label(name: "issuer", value: leaf.issuer),
                    Label(
                        name: "subjectalternative", value: leaf.dnsNames.joined(separator: ",")),
                ]
            } ?? [],
            help: "The server's certificate; the value is 1.")
        set(
            "probe_tls_version_info", 1, labels: [Label(name: "version", value: tls.version)],
            help: "The version of TLS that was spoken; the value is 1.")
    }
}
