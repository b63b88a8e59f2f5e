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
    private let log: SparseLog

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
        self.host = host
        self.streams = streams
        self.settings = settings
        files = CertificateFiles(streams)
        log = SparseLog(host)
    }

    package func collect(
        into metrics: inout Metrics, deadline: Deadline
    ) throws(ComponentError) {
        metrics.usesPrometheusNames = true
        for file in settings.files ?? [] { collect(file, &metrics) }
        collectEndpoints(&metrics, deadline)
    }

    private func collect(_ file: CertificateFileSettings, _ metrics: inout Metrics) {
        var isWell = true
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
                    for (position, certificate) in certificates.enumerated() {
                        write(certificate, position, name, path, &metrics)
                    }
                } catch {
                    isWell = false
                    log.warn(error.message)
                }
            }
        } catch {
            isWell = false
            log.warn(error.message)
        }
        up(file.path, isWell, &metrics)
    }

    private func collectEndpoints(_ metrics: inout Metrics, _ deadline: Deadline) {
        let endpoints = settings.endpoints ?? []
        let end = end(deadline)
        let found = Mutex([Int: TLSInfo]())
        Threads.forEach(endpoints.count, limit: CertificatesExporter.lanes) { [self] index in
            do throws(ProbeFailure) {
                let info = try look(at: endpoints[index], end)
                found.withLock { $0[index] = info }
            } catch {
                log.warn("\(endpoints[index].endpoint): \(error.message)")
            }
        }
        let infos = found.withLock { $0 }
        for (index, endpoint) in endpoints.enumerated() {
            up(endpoint.endpoint, infos[index] != nil, &metrics)
            guard let info = infos[index] else { continue }
            metrics.gauge(
                "cert_verified",
                help: "1: an authority that is trusted vouches for this name, now.",
                info.isVerified ? 1 : 0, ["source": .string(endpoint.endpoint)])
            let name = endpoint.name ?? endpoint.endpoint
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
            throw ProbeFailure(error.message)
        }
    }

    private func end(_ deadline: Deadline) -> Deadline {
        let patience = settings.endpointTimeout ?? .seconds(5)
        guard let left = host.remaining(until: deadline) else { return host.deadline(in: patience) }
        // Something is left for answering.
        return host.deadline(in: min(patience, left * 9 / 10))
    }

    private func up(_ source: String, _ isWell: Bool, _ metrics: inout Metrics) {
        metrics.gauge(
            "cert_up", help: "1: all certificates of a source could be read.", isWell ? 1 : 0,
            ["source": .string(source)])
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
