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

    /// What starting took is given back: an idle weir is much smaller than one that starts, and works.
    @Test(.timeLimit(.minutes(1))) func idleWeirHasForgottenItsStart() async throws {
        let port = try await freePorts(1)[0]
        let weir = try await Weir(
            """
            receivers: {otlp: {protocols: {http: {endpoint: "127.0.0.1:\(port)"}}}}
            processors: {batch: }
            sinks: {file: {path: FOLDER/logs.jsonl}}
            service:
              pipelines:
                logs: {receivers: [otlp], processors: [batch], sinks: [file]}
            """)
        let isSmall = await eventually(within: 10) {
            weir.memory("VmRSS") * 10 < weir.memory("VmHWM") * 7
        }
        #expect(isSmall, "\(weir.memory("VmRSS")) of \(weir.memory("VmHWM")) KiB")
        try await postLog("still there", port: port)
        #expect(try await weir.stop() == 0, "\(weir.log)")
        #expect(try weir.folder.read("logs.jsonl").contains("still there"))
    }

    /// What somebody has written to is no longer in the file, and stays.
    @Test(.timeLimit(.minutes(1))) func memoryThatWasWrittenToIsKept() async throws {
        let folder = try TemporaryFolder()
        let memory = "\(Build.root)/sdk/Sources/CWeirMemory"
        let result = try await Command.shell(
            """
            cc -std=gnu11 -O1 -I'\(memory)/include' -o patched \
              '\(Build.root)/Tests/EndToEnd/Plugins/patched.c' '\(memory)/memory.c'
            ./patched
            """, folder: folder.path)
        #expect(result.status == 0, "\(result.output)\(result.errors)")
    }
}
