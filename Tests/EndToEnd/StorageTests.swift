import Foundation
import Testing
import WeirTestKit

extension EndToEnd {
    /// What a plugin keeps by weir.storage/1 is there after `kill -9`, for each instance its own.
    @Test(.timeLimit(.minutes(1))) func whatAPluginKeepsSurvives() async throws {
        let plugin = try await builtPlugin("keeper")
        let kept = try TemporaryFolder()
        var last = ["one": 0, "two": 0]
        for _ in 1...3 {
            let weir = try await keeper(plugin, extensions: "file_storage", in: kept)
            #expect(await eventually(within: 20) { counts(weir).allSatisfy { $0.value.count > 1 } })
            weir.kill()
            for (name, counts) in counts(weir) {
                // What was counted last may have been kept and not been written.
                let first = try #require(counts.first)
                #expect(first - last[name]! == 1 || first - last[name]! == 2 && first > 2)
                #expect(counts == Array(first..<first + counts.count), "\(name): \(counts)")
                last[name] = counts.last
            }
        }
    }

    /// Without an extension that keeps something, a plugin is told that there is none.
    @Test(.timeLimit(.minutes(1))) func withoutStorageThereIsNone() async throws {
        let weir = try await keeper(
            try await builtPlugin("keeper"), extensions: "", in: try TemporaryFolder())
        #expect(await eventually(within: 20) { counts(weir).allSatisfy { !$0.value.isEmpty } })
        #expect(counts(weir).allSatisfy { $0.value.allSatisfy { $0 == -1 } })
        #expect(try await weir.stop() == 0)
    }

    private func keeper(
        _ plugin: TemporaryFolder, extensions: String, in kept: TemporaryFolder
    ) async throws -> Weir {
        try await Weir(
            """
            extensions: {file_storage: {directory: "\(kept.path)"}}
            exporters:
              keeper/one: {interval: 200ms, initial_delay: 0s, labels: {name: one}}
              keeper/two: {interval: 300ms, initial_delay: 0s, labels: {name: two}}
            sinks:
              file: {path: FOLDER/out.jsonl}
            service:
              extensions: [\(extensions)]
              pipelines:
                metrics: {exporters: [keeper/one, keeper/two], sinks: [file]}
            """,
            environment: ["WEIR_PLUGIN_PATH": "\(plugin.path):\(Build.plugins)"])
    }

    /// What each instance has written, in its order.
    private func counts(_ weir: Weir) -> [String: [Int]] {
        let text = (try? weir.folder.read("out.jsonl")) ?? ""
        var counts: [String: [Int]] = ["one": [], "two": []]
        for line in text.split(separator: "\n") {
            guard let name = ["one", "two"].first(where: { line.contains("\"\($0)\"") }),
                let match = line.firstMatch(of: #/"asInt":"(-?\d+)"/#), let count = Int(match.1)
            else { continue }
            counts[name, default: []].append(count)
        }
        return counts
    }
}
