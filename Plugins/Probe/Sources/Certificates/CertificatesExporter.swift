import Synchronization
package import WeirSDK

/// When certificates end: those in files, and those that servers show.
@safe package final class CertificatesExporter: Exporter, @unchecked Sendable {
    // Sendable: collect() is called one at a time, and nothing else touches what changes.
    private static let lanes = 32

    /// One certificate and where it was found.
    private struct Found: Sendable {
        var certificate: Certificate
        var position: Int
    }

    private let host: Host
    private let streams: Streams
    private let settings: CertificatesSettings
    private var files: CertificateFiles
    private let complaints: Complaints

    package init(settings: CertificatesSettings, host: Host) throws(ComponentError) {
        guard let streams = host.streams else {
            throw .unsupported("this host has no byte streams (weir.stream/1); use a newer one")
        }
        for endpoint in settings.endpoints ?? [] {
            do throws(ProbeFailure) {
                _ = try ProbeURL.hostAndPort(endpoint.endpoint)
            } catch {
                throw .invalid("endpoints: \(error.message)")
            }
        }
        try CertificatesExporter.checkSources(settings)
        self.host = host
        self.streams = streams
        self.settings = settings
        files = CertificateFiles(streams)
        complaints = Complaints(host)
    }

    /// `source` and `cert_name` tell all that is written apart.
    private static func checkSources(_ settings: CertificatesSettings) throws(ComponentError) {
        var seen: Set<String> = []
        for endpoint in settings.endpoints ?? [] {
            let name = endpoint.name ?? endpoint.endpoint
            guard seen.insert("\(name) \(endpoint.endpoint)").inserted else {
                throw .invalid(
                    "endpoints has \(endpoint.endpoint) twice with the same name, so its metrics "
                        + "could not be told apart; leave one of them out, or give each a name")
            }
        }
        for file in settings.files ?? [] {
            guard seen.insert(file.path).inserted else {
                throw .invalid(
                    "files has \(file.path) twice, so its metrics could not be told apart; leave one "
                        + "of them out")
            }
        }
    }

    package func collect(
        into metrics: inout Metrics, deadline: Deadline
    ) throws(ComponentError) {
        metrics.usesPrometheusNames = true
        // A file that is named and lies in a folder that is named, too, is written once.
        var written: Set<String> = []
        for file in settings.files ?? [] { collect(file, &written, &metrics) }
        collectEndpoints(&metrics, deadline)
    }

    private func collect(
        _ file: CertificateFileSettings, _ written: inout Set<String>, _ metrics: inout Metrics
    ) {
        var problems: [String] = []
        do throws(ComponentError) {
            let paths = try CertificateFiles.files(file.path)
            for path in paths {
                do throws(ComponentError) {
                    let certificates = try files.certificates(path)
                    let name =
                        file.name.map {
                            paths.count == 1 ? $0 : "\($0)/\(CertificateFiles.name(path))"
                        }
                        ?? CertificateFiles.name(path)
                    guard written.insert("\(name) \(path)").inserted else { continue }
                    for (position, certificate) in certificates.enumerated() {
                        write(certificate, position, name, path, &metrics)
                    }
                } catch {
                    problems.append(error.message)
                }
            }
        } catch {
            problems.append(error.message)
        }
        complaints.report([
            Complaints.Outcome(
                key: file.path, name: file.path,
                reason: problems.isEmpty ? nil : problems.joined(separator: "; "))
        ])
        up(["source": .string(file.path)], problems.isEmpty, &metrics)
    }

    private func collectEndpoints(_ metrics: inout Metrics, _ deadline: Deadline) {
        let endpoints = settings.endpoints ?? []
        let end = end(deadline)
        let found = Mutex([Int: Result<TLSInfo, ProbeFailure>]())
        Threads.forEach(endpoints.count, limit: CertificatesExporter.lanes) { [self] index in
            do throws(ProbeFailure) {
                let info = try look(at: endpoints[index], end)
                found.withLock { $0[index] = .success(info) }
            } catch {
                found.withLock { $0[index] = .failure(error) }
            }
        }
        let results = found.withLock { $0 }
        let count = Dictionary(endpoints.map { ($0.endpoint, 1) }, uniquingKeysWith: +)
        for (index, endpoint) in endpoints.enumerated() {
            let name = endpoint.name ?? endpoint.endpoint
            var source: Attributes = ["source": .string(endpoint.endpoint)]
            // Several names, and their certificates, at one address.
            if count[endpoint.endpoint] != 1 { source.append("cert_name", .string(name)) }
            var info: TLSInfo?
            var reason: String?
            switch results[index] {
            case .success(let found): info = found
            case .failure(let failure): reason = failure.message
            case nil: reason = "it was not looked at"
            }
            complaints.report([
                Complaints.Outcome(
                    key: "\(endpoint.endpoint) \(name)",
                    name: name == endpoint.endpoint ? name : "\(endpoint.endpoint) (\(name))",
                    reason: reason)
            ])
            up(source, info != nil, &metrics)
            guard let info else { continue }
            metrics.gauge(
                "cert_verified",
                help: "1: an authority that is trusted vouches for this name, now.",
                info.isVerified ? 1 : 0, source)
            for (position, certificate) in info.certificates.enumerated() {
                write(certificate, position, name, endpoint.endpoint, &metrics)
            }
        }
    }

    private func look(
        at endpoint: CertificateEndpointSettings, _ deadline: Deadline
    ) throws(ProbeFailure) -> TLSInfo {
        let (name, port) = try ProbeURL.hostAndPort(endpoint.endpoint)
        var attempt = Attempt(host, streams, deadline)
        let found = attempt.resolve(name, AddressChoice("ip4", true))
        guard let address = found.address else { throw ProbeFailure(found.problem) }
        let stream = try attempt.connect(
            address, port: port, tls: TLSChoice(endpoint.tlsConfig, name: name))
        do throws(ComponentError) {
            guard let info = try stream.tlsInfo() else { throw .refused("it speaks no TLS") }
            return info
        } catch {
            throw ProbeFailure(error)
        }
    }

    private func end(_ deadline: Deadline) -> Deadline {
        let patience = settings.endpointTimeout ?? .seconds(5)
        guard let left = host.remaining(until: deadline) else { return host.deadline(in: patience) }
        // Something is left for answering.
        return host.deadline(in: min(patience, left * 9 / 10))
    }

    private func up(_ source: Attributes, _ isWell: Bool, _ metrics: inout Metrics) {
        metrics.gauge(
            "cert_up", help: "1: all certificates of a source could be read.", isWell ? 1 : 0,
            source)
    }

    private func write(
        _ certificate: Certificate, _ position: Int, _ name: String, _ source: String,
        _ metrics: inout Metrics
    ) {
        let labels: Attributes = [
            "cert_name": .string(name), "source": .string(source),
            "position": .string("\(position)"),
        ]
        metrics.gauge(
            "cert_expiry_timestamp", help: "When a certificate ends, in Unix time.",
            certificate.notAfter, labels)
        metrics.gauge(
            "cert_not_before_timestamp", help: "When a certificate begins, in Unix time.",
            certificate.notBefore, labels)
        var info = labels
        info.append("subject", .string(certificate.subject))
        info.append("issuer", .string(certificate.issuer))
        info.append("serial", .string(certificate.serial))
        info.append("dns_names", .string(certificate.dnsNames.joined(separator: ",")))
        metrics.gauge("cert_info", help: "What a certificate says; the value is 1.", 1, info)
    }
}
