import Foundation
import Testing
import WeirTestKit

extension EndToEnd {
    /// The same targets by `weir exporter probe` and by blackbox_exporter: names, labels, and all
    /// values that are no times.
    @Test(.timeLimit(.minutes(3))) func probeIsLikeBlackboxExporter() async throws {
        let site = try await ProbeSite()
        let closed = try await freePorts(1)[0]
        let file = try site.folder.write(site.modules, to: "blackbox.yml")
        let ours = try await MetricsServer.weir("probe", ["--config-file", file])
        let theirs = try await MetricsServer(
            "/usr/bin/prometheus-blackbox-exporter",
            arguments: { ["--config.file=\(file)", "--web.listen-address=127.0.0.1:\($0)"] })
        let cases: [(module: String, target: String, success: Double)] = [
            ("http_2xx", site.plain, 1), ("http_2xx", "\(site.plain)/redirect", 1),
            ("http_2xx", "\(site.plain)/loop", 0), ("http_2xx", "\(site.plain)/missing", 0),
            ("http_2xx", site.valid, 1), ("http_any", site.valid, 1),
            ("http_2xx", "https://127.0.0.1:\(site.ports[2])", 0),
            ("http_any", "https://127.0.0.1:\(site.ports[2])", 1),
            ("http_2xx", "https://127.0.0.1:\(site.ports[3])", 0),
            ("http_2xx", "https://127.0.0.1:\(site.ports[4])", 0),
            ("http_2xx", "http://127.0.0.1:\(closed)", 0), ("http_2xx", "http://gone.invalid", 0),
            ("body", "\(site.plain)/missing", 0), ("body", "\(site.plain)/final", 1),
            ("tcp_connect", "127.0.0.1:\(site.ports[0])", 1),
            ("tcp_connect", "127.0.0.1:\(closed)", 0),
            ("tls_connect", "localhost:\(site.ports[1])", 1),
            ("tls_connect", "localhost:\(site.ports[2])", 0),
            ("talk", "127.0.0.1:\(site.ports[0])", 1),
            ("talk_wrong", "127.0.0.1:\(site.ports[0])", 0), ("ping", "127.0.0.1", 1),
        ]
        for (module, target, success) in cases {
            let path = "/probe?module=\(module)&target=\(target)"
            let parity = try await Parity.compare(
                ours, theirs, ProbeParity.terms(target, module), paths: (path, path))
            #expect(parity.faults.isEmpty, "\(module) \(target): \(parity.faults)")
            let page = try await ours.metrics(path)
            #expect(page.value("probe_success") == success, "\(module) \(target): \(ours.log)")
        }
        var terms = ProbeParity.terms(site.valid, "http_2xx")
        terms.stable += ["probe_ssl_*", "probe_tls_version_info"]
        let paths = [
            "/probe?module=http_2xx&target=\(site.valid)", "/probe?module=ping&target=127.0.0.1",
        ]
        let own = try await ProbeParity.merged(ours, paths)
        let parity = Parity(
            ours: own, theirs: try await ProbeParity.merged(theirs, paths), terms)
        try ParityPage(
            "probe", counterpart: "prometheus-blackbox-exporter 0.23.0 (Debian 12)", parity
        ).check()
        for name in try metricNames(inShared: "probe", prefixes: ["probe_"]) {
            #expect(own.has(name), "\(name) is in share/, and nobody has it")
        }
    }

    /// What is known of a certificate is said also where it is not trusted.
    @Test(.timeLimit(.minutes(2))) func certificatesSayWhenTheyEnd() async throws {
        let site = try await ProbeSite()
        let file = try site.folder.write(site.modules, to: "blackbox.yml")
        let ours = try await MetricsServer.weir("probe", ["--config-file", file])
        let page = try await ours.metrics(
            "/probe?module=http_2xx&target=https://127.0.0.1:\(site.ports[2])")
        #expect(page.value("probe_success") == 0)
        #expect(page.value("probe_ssl_earliest_cert_expiry") == ProbeSite.expired)
        #expect(ours.log.contains("expired"))
    }

    /// A thousand refused probes leave nothing behind.
    @Test(.timeLimit(.minutes(3))) func failedProbesLeakNothing() async throws {
        let site = try await ProbeSite()
        let file = try site.folder.write(site.modules, to: "blackbox.yml")
        let ours = try await MetricsServer.weir("probe", ["--config-file", file])
        let closed = try await freePorts(1)[0]
        let path = "/probe?module=tcp_connect&target=127.0.0.1:\(closed)"
        for _ in 0..<20 { _ = try await ours.metrics(path) }
        let (files, memory) = (ours.openFiles, ours.residentBytes)
        for _ in 0..<300 { _ = try await ours.metrics(path) }
        #expect(ours.openFiles <= files + 2)
        #expect(ours.residentBytes <= memory + 4 << 20)
    }

    /// The component `certificates` in a pipeline: files, a mounted secret that changes, servers.
    @Test(.timeLimit(.minutes(2))) func certificatesOfFilesAndServers() async throws {
        let site = try await ProbeSite()
        let path = site.folder.path
        let made = try await Command.shell(
            """
            mkdir -p secret/..1 secret/..2
            cp expired.pem secret/..1/tls.crt; cp valid.pem secret/..2/tls.crt
            ln -s ..1 secret/..data; ln -s ..data/tls.crt secret/tls.crt
            """, folder: path)
        #expect(made.status == 0, "\(made.errors)")
        let port = try await freePorts(1)[0]
        let weir = try await Weir(
            """
            exporters:
              certificates:
                interval: 1s
                files:
                - path: \(path)/valid.pem
                - path: \(path)/secret
                - path: \(path)/nothing.pem
                endpoints:
                - endpoint: localhost:\(site.ports[3])
                  name: future
            sinks:
              prometheus: {endpoint: "127.0.0.1:\(port)"}
            service:
              pipelines:
                metrics: {exporters: [certificates], sinks: [prometheus]}
            """)
        func expiry(_ labels: [String: String]) async -> Double? {
            let page = try? await MetricsServer.metrics("http://127.0.0.1:\(port)/metrics")
            return page?.value("cert_expiry_timestamp", labels)
        }
        #expect(
            await eventually(within: 20) {
                await expiry(["cert_name": "valid", "position": "0"]) == ProbeSite.validUntil
            }, "\(weir.log)")
        #expect(await expiry(["cert_name": "secret"]) == ProbeSite.expired)
        #expect(await expiry(["cert_name": "future", "position": "0"]) == ProbeSite.validUntil)
        let page = try await MetricsServer.metrics("http://127.0.0.1:\(port)/metrics")
        #expect(page.value("cert_up", ["source": "\(path)/nothing.pem"]) == 0)
        for name in try metricNames(inShared: "probe", prefixes: ["cert_"])
        where name != "cert_name" {
            #expect(page.has(name), "\(name) is in share/, and nobody has it")
        }
        #expect(page.value("cert_up", ["source": "\(path)/secret"]) == 1)
        // Kubernetes puts another folder in the place of ..data.
        let changed = try await Command.shell(
            "ln -s ..2 secret/..new && mv -T secret/..new secret/..data", folder: path)
        #expect(changed.status == 0, "\(changed.errors)")
        #expect(
            await eventually(within: 20) {
                await expiry(["cert_name": "secret"]) == ProbeSite.validUntil
            }, "\(weir.log)")
    }
}

enum ProbeParity {
    static func terms(_ target: String, _ module: String) -> Parity.Terms {
        var terms = Parity.Terms(
            differences: [
                "probe_ssl_*": "also said of a certificate that is not trusted",
                "probe_tls_version_info": "also said where a certificate is not trusted",
            ],
            stable: ["probe_success", "probe_ip_protocol", "probe_ip_addr_hash"])
        let isHTTP = target.hasPrefix("http")
        if isHTTP {
            terms.stable += [
                "probe_http_status_code", "probe_http_version", "probe_http_redirects",
                "probe_http_content_length", "probe_http_uncompressed_body_length",
                "probe_http_ssl", "probe_failed_due_to_regex",
            ]
        }
        return terms
    }

    /// Several pages as one: of a metric that comes again, the first page counts.
    static func merged(_ server: MetricsServer, _ paths: [String]) async throws -> Exposition {
        var lines: [Substring] = []
        var before: Set<Substring> = []
        for path in paths {
            var names: Set<Substring> = []
            for line in try await server.get(path).text.split(separator: "\n") {
                let words = line.split(separator: " ")
                guard words.count > 2 || !line.hasPrefix("#") else { continue }
                let name = line.hasPrefix("#") ? words[2] : words[0].prefix { $0 != "{" }
                names.insert(name)
                if !before.contains(name) { lines.append(line) }
            }
            before.formUnion(names)
        }
        return try Exposition(lines.joined(separator: "\n"))
    }
}

extension EndToEnd {
    /// Only a missing target is forgiven.
    @Test(
        .timeLimit(.minutes(1)),
        arguments: [
            (
                "targets: [{target: \"http://a\", module: http_2x}]", "there is no module 'http_2x'"
            ),
            ("targets: [{target: a}, {target: a}]", "is there twice"),
            (
                "modules: {m: {prober: http, http: {fail_if_body_matches_regexp: [\"(\"]}}}",
                "modules.m.http.fail_if_body_matches_regexp"
            ),
        ])
    func probeDoesNotStartOnAWrongConfiguration(
        _ settings: String, _ expected: String
    ) async throws {
        let folder = try TemporaryFolder()
        let file = try folder.write(settings, to: "probe.yaml")
        let result = try await Command(
            Build.weir, ["exporter", "probe", "--config-file", file, "--listen", "127.0.0.1:0"],
            environment: ["WEIR_PLUGIN_PATH": Build.plugins]
        ).run()
        #expect(result.status == 2 && result.errors.contains(expected), "\(result)")
    }

    /// A request is about its own target, and says with `debug=true` why that failed.
    @Test(.timeLimit(.minutes(1))) func aProbeIsOfItsTargetAlone() async throws {
        let ports = try await freePorts(2)
        let folder = try TemporaryFolder()
        let file = try folder.write(
            "targets: [{target: \"127.0.0.1:\(ports[0])\", module: tcp_connect}]", to: "probe.yaml")
        let probe = try await MetricsServer.weir("probe", ["--config-file", file])
        let page = try await probe.get(
            "/probe?target=127.0.0.1:\(ports[1])&module=tcp_connect&debug=true")
        #expect(page.text.contains("\nprobe_success 0\n"), "\(page.text)")
        #expect(!page.text.contains("\(ports[0])"), "\(page.text)")
        #expect(
            page.text.split(separator: "\n").contains {
                $0.hasPrefix("# ") && $0.contains("\(ports[1])") && $0.contains("refused")
            }, "\(page.text)")
        #expect(try await probe.get("/metrics").text.contains("\(ports[0])"))
    }
}
