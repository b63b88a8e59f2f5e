import Foundation
import Testing
import WeirTestKit

extension EndToEnd {
    static let configurations: [String] = {
        let folder = "\(Build.root)/examples/configs"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { $0.hasSuffix(".yaml") }.sorted()
    }()

    @Test(.timeLimit(.minutes(1)), arguments: configurations)
    func exampleIsValid(_ name: String) async throws {
        let result = try await Command.weir(
            "validate", "--config", "\(Build.root)/examples/configs/\(name)")
        #expect(result.status == 0, "\(result.output)\(result.errors)")
    }

    static let plugins: [String] = {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: Build.plugins)) ?? []
        return names.filter { $0.hasSuffix(".so") }.sorted()
    }()

    /// Each plugin of this repository, tried out in a host.
    @Test(.timeLimit(.minutes(1)), arguments: plugins)
    func pluginPassesItsCheck(_ name: String) async throws {
        let result = try await Command.weir("plugin", "check", "\(Build.plugins)/\(name)")
        #expect(result.status == 0, "\(result.output)\(result.errors)")
    }

    @Test func thereAreExamples() { #expect(Self.configurations.count >= 7) }

    /// The exporter in C: built by its own Makefile, checked, and run.
    @Test(.timeLimit(.minutes(2)))
    func exporterInC() async throws {
        let folder = try copyOfExamples()
        let here = folder.path + "/examples/exporter-c"
        let make = try await Command.shell("make CC=cc", folder: here)
        try #require(make.status == 0, "\(make.errors)")
        #expect(!make.errors.contains("warning"), "\(make.errors)")
        let check = try await Command.weir("plugin", "check", here + "/weir-load.so")
        #expect(check.status == 0, "\(check.output)\(check.errors)")
        let text = try String(contentsOfFile: here + "/load.yaml", encoding: .utf8)
            .replacing("interval: 5s", with: "interval: 1s\n    initial_delay: 0s")
        let weir = try await Weir(
            text,
            environment: ["WEIR_PLUGIN_PATH": "\(Build.plugins):\(here)"])
        #expect(await weir.logs("system.load_average"), "\(weir.log)")
        #expect(await weir.logs("system.threads"))
        #expect(try await weir.stop() == 0, "\(weir.log)")
    }

    /// The processor in Swift: a package of its own, checked, and run.
    @Test(.timeLimit(.minutes(10)))
    func processorInSwift() async throws {
        let folder = try copyOfExamples()
        let here = folder.path + "/examples/processor-swift"
        let build = try await Command.shell("swift build --quiet", folder: here, limit: 540)
        try #require(build.status == 0, "\(build.output)\(build.errors)")
        let plugin = here + "/.build/debug/libweir-redact.so"
        let check = try await Command.weir("plugin", "check", plugin)
        #expect(check.status == 0, "\(check.output)\(check.errors)")
        let port = try await freePorts(1)[0]
        let text = try String(contentsOfFile: here + "/redact.yaml", encoding: .utf8)
            .replacing(
                "      grpc:\n      http:", with: "      http: {endpoint: \"127.0.0.1:\(port)\"}")
        let weir = try await Weir(text, plugins: [plugin])
        try await post(
            "/v1/logs", port: port,
            #"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"attributes":[{"key":"user.email","value":{"stringValue":"ada@example.com"}}]}]}]}]}"#
        )
        #expect(try await weir.stop() == 0, "\(weir.log)")
        #expect(weir.log.contains("user.email: Str(***)"), "\(weir.log)")
        #expect(!weir.log.contains("ada@example.com"))
    }

    /// CONTRIBUTING's "a new plugin in ten minutes", line by line.
    @Test(.timeLimit(.minutes(10)))
    func contributingSaysHowToMakeAPlugin() async throws {
        let folder = try copyOfExamples()
        let text = try String(contentsOfFile: "\(Build.root)/CONTRIBUTING.md", encoding: .utf8)
        let script = commands(in: text, marked: "new-plugin")
        try #require(script.contains("plugin check"))
        // The reader has weir in the path; here it is the one under test. What is built stays for
        // the next run.
        let bin = "\(folder.path)/bin"
        try FileManager.default.createDirectory(
            atPath: bin, withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(
            atPath: bin + "/weir", withDestinationPath: Build.weir)
        let result = try await Command.shell(
            "export PATH=\(bin):$PATH\n" + script, folder: folder.path,
            environment: ["WEIR_PLUGIN_PATH": Build.plugins], limit: 540)
        #expect(result.status == 0, "\(result.output)\(result.errors)")
        #expect(result.output.contains("all checks passed"), "\(result.output)")
    }

    /// A folder with `examples` and `sdk` as they lie in the repository.
    private func copyOfExamples() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        for name in ["examples", "sdk"] {
            try FileManager.default.copyItem(
                atPath: "\(Build.root)/\(name)", toPath: "\(folder.path)/\(name)")
        }
        return folder
    }

    /// The code blocks that follow `<!-- test: NAME -->`, one after the other.
    private func commands(in text: String, marked name: String) -> String {
        var script = ""
        var isWanted = false
        var isInside = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("<!-- test: \(name) -->") {
                isWanted = true
            } else if line.hasPrefix("```") {
                if isInside { isWanted = false }
                isInside = isWanted && !isInside
            } else if isInside {
                script += line + "\n"
            }
        }
        return script
    }
}
