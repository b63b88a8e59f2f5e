import Foundation
import Testing

extension EndToEnd {
    /// A weir to which everything happens that its dashboard and its rules know.
    @Test(.timeLimit(.minutes(2))) func weirTellsOfItselfWhatIsShared() async throws {
        let ports = try await freePorts(4)
        let bad = try TemporaryFolder()
        try bad.write("#!/bin/sh\n", to: "weir-not-elf.so")
        let weir = try await Weir(
            """
            receivers:
              otlp:
                protocols:
                  grpc: {endpoint: "127.0.0.1:\(ports[0])"}
                  http: {endpoint: "127.0.0.1:\(ports[1])"}
              otlp/limited: {protocols: {http: {endpoint: "127.0.0.1:\(ports[2])"}}}
            exporters:
              host: {interval: 1s, initial_delay: 0s}
              redis: {endpoint: "redis://127.0.0.1:\(ports[3])", interval: 1s, initial_delay: 0s}
            processors:
              memory_limiter: {check_interval: 100ms, limit_mib: 2, spike_limit_mib: 1}
            sinks:
              file: {path: FOLDER/kept.jsonl}
              otlp:
                endpoint: "127.0.0.1:\(ports[3])"
                tls: {insecure: true}
                retry_on_failure: {enabled: false}
            service:
              pipelines:
                metrics: {exporters: [host, redis], sinks: [file]}
                logs: {receivers: [otlp], sinks: [otlp]}
                logs/limited:
                  receivers: [otlp/limited]
                  processors: [memory_limiter]
                  sinks: [file]
            """, plugins: [Build.plugins, bad.path])
        try await postLog("nobody takes this", port: ports[1])
        let sent = try await Command.shell(
            """
            curl -s -m 5 http://127.0.0.1:\(ports[1])/v1/logs -H 'content-encoding: foo' -d '{}' || true
            curl -s -m 5 http://127.0.0.1:\(ports[0])/v1/logs -d '{}' || true
            """)
        #expect(sent.status == 0)
        let names = try metricNames(inShared: "weir", prefixes: ["weir_", "process_"])
        var missing = names
        let isComplete = await eventually(within: 30) {
            // Refused from the first check of the memory on.
            try? await postLog("too much", port: ports[2])
            guard let text = await weir.get("/metrics")?.text, let page = try? Exposition(text)
            else { return false }
            missing = names.filter { !page.has($0) }
            return missing.isEmpty
        }
        #expect(isComplete, "share/ names \(missing.sorted()), and weir has none\n\(weir.log)")
    }
}
