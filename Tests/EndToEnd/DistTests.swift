import Foundation
import Testing
import WeirTestKit

extension EndToEnd {
    /// What `make build` leaves runs from another folder, without a toolchain and without anything
    /// in the environment.
    @Test(.timeLimit(.minutes(2)), .enabled(if: Build.dist != nil, "run make test"))
    func distRunsWithoutAToolchain() async throws {
        let dist = try #require(Build.dist)
        let folder = try TemporaryFolder()
        let moved = folder.path + "/elsewhere"
        try FileManager.default.copyItem(atPath: dist, toPath: moved)
        let port = try await freePorts(2)
        let configuration = try folder.write(
            """
            receivers: {otlp: {protocols: {http: {endpoint: "127.0.0.1:\(port[0])"}}}}
            processors: {batch: }
            sinks: {file: {path: "\(folder.path)/logs.jsonl"}}
            service:
              telemetry: {metrics: {address: "127.0.0.1:\(port[1])"}}
              pipelines:
                logs: {receivers: [otlp], processors: [batch], sinks: [file]}
            """, to: "weir.yaml")

        // What it loads lies in it, but for what the smallest Debian has: nothing of the toolchain's,
        // and nothing that somebody may not have installed.
        let loaded = try await Command.shell(
            "env -i /usr/bin/ldd bin/weir lib/weir/plugins/*", folder: moved)
        #expect(!loaded.output.contains("not found"), "\(loaded.output)")
        let everywhere = [
            "libc", "libm", "libresolv", "libpthread", "libdl", "librt", "libutil", "libgcc_s",
            "libstdc++",
        ]
        for line in loaded.output.split(separator: "\n") where line.contains("=> /") {
            let words = line.split(whereSeparator: \.isWhitespace)
            let path = words.first { $0.hasPrefix("/") } ?? ""
            #expect(
                path.hasPrefix(moved) || everywhere.contains { words[0].hasPrefix($0 + ".so") },
                "\(line)")
        }

        let script = """
            env -i \(moved)/bin/weir run --config \(configuration) &
            weir=$!
            for attempt in $(seq 200); do
              curl -sf -o /dev/null http://127.0.0.1:\(port[1])/health/ready && break
              /usr/bin/sleep 0.05 || /bin/sleep 0.05
            done
            curl -sf http://127.0.0.1:\(port[0])/v1/logs -H 'content-type: application/json' \
              -d '{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"far away"}}]}]}]}'
            kill -TERM $weir
            wait $weir
            """
        let file = try folder.write(script, to: "run.sh")
        let result = try await Command.shell(hidingToolchain("/bin/bash -e \(file)"))
        #expect(result.status == 0, "\(result.output)\(result.errors)")
        #expect(try folder.read("logs.jsonl").contains("far away"))
    }

    @Test(.timeLimit(.minutes(1)), .enabled(if: Build.dist != nil, "run make test"))
    func distHasWhatAPluginAuthorNeeds() throws {
        let share = try #require(Build.dist) + "/share/weir"
        for name in [
            "sdk/include/weir/weir.h", "sdk/weir-plugin.map", "sdk/Package.swift", "LICENSE",
            "weir.schema.json", "dashboards", "rules", "examples/configs/quickstart.yaml",
            "examples/exporter-c/load.c",
        ] {
            #expect(FileManager.default.fileExists(atPath: "\(share)/\(name)"), "\(name)")
        }
    }

    /// Root can lay an empty folder over the toolchain; others have the check of the libraries.
    private func hidingToolchain(_ command: String) -> String {
        guard getuid() == 0 else { return command }
        return """
            if unshare -m true 2>/dev/null; then
              toolchain=$(readlink -f "$(command -v swift)"); toolchain=${toolchain%/usr/bin/*}
              mkdir -p /tmp/weir-empty
              exec unshare -m /bin/bash -e -c "
                [ -z '$toolchain' ] || mount --bind /tmp/weir-empty '$toolchain'
                \(command)"
            fi
            \(command)
            """
    }
}
