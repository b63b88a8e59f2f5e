import Foundation
import Testing
import WeirTestKit

/// A plugin that is wrong in one point, and the line that says so.
struct BadPlugin: CustomTestStringConvertible, Sendable {
    var fixture: String
    /// From `plugin check`.
    var message: String
    /// From a host that needs the plugin, where that is not the same.
    var startMessage: String?
    /// Seconds that one check may take.
    var limit = 10
    /// Refused from its metadata alone, before any code ran.
    var isSeenInMetadata = false

    var testDescription: String { fixture }

    static let all = [
        BadPlugin(
            fixture: "not_elf",
            message: "not a shared library: it begins with 23 21 2f 62, an ELF-64 file begins with "
                + "7f 45 4c 46. Build the plugin with `swift build` or `cc -shared`",
            isSeenInMetadata: true),
        BadPlugin(
            fixture: "wrong_architecture",
            message:
                "built for RISC-V, this host runs on \(hostMachine). Build it for this machine",
            isSeenInMetadata: true),
        BadPlugin(
            fixture: "no_metadata",
            message: "has no section .weir.plugin: not a Weir plugin, or its entry file lacks "
                + "WEIR_METADATA (weir/plugin.h)",
            isSeenInMetadata: true),
        BadPlugin(
            fixture: "wrong_epoch",
            message: "has ABI epoch 2, this host has 1. Use a newer weir", isSeenInMetadata: true),
        BadPlugin(
            fixture: "no_entry",
            message: "does not export weir_plugin_main: expected the entry of weir/plugin.h "
                + "(WEIR_ENTRY), linked with sdk/weir-plugin.map"),
        BadPlugin(fixture: "null_table", message: "weir_plugin_main returned NULL"),
        BadPlugin(
            fixture: "wrong_table_epoch", message: "its table has ABI epoch 7, this host has 1"),
        BadPlugin(
            fixture: "short_struct",
            message: "components[0] is 32 bytes, expected at least 104: write "
                + "sizeof(weir_component) into `size`, or rebuild it with this host's sdk"),
        BadPlugin(
            fixture: "null_functions",
            message: "the sink \"bad\" has NULL for destroy, deliver, which every sink must have"),
        BadPlugin(
            fixture: "duplicate", message: "registers the sink \"bad\" twice: keep one of them"),
        BadPlugin(
            fixture: "undeclared",
            message: "its table has the sink \"bad\", its metadata does not declare it"),
        BadPlugin(
            fixture: "init_fails", message: "init() failed: no smart card reader on this machine"),
        BadPlugin(
            fixture: "hangs_on_load", message: "did not end within 2 s",
            startMessage: "did not come back from loading within 10.0 seconds: its constructors or "
                + "init() hang", limit: 2),
        BadPlugin(
            fixture: "hangs_on_start",
            message: "start() of plugin bad.hangs-on-start did not return within 5.0 seconds",
            startMessage: "start() of plugin bad.hangs-on-start did not return within 10.0 seconds"
        ),
        BadPlugin(fixture: "crashes_on_start", message: "crashed with SIGSEGV (bad memory access)"),
    ]

    #if arch(x86_64)
        static let hostMachine = "x86-64"
    #else
        static let hostMachine = "aarch64"
    #endif

    /// Compiles the fixture into a folder.
    func build(in folder: String) async throws -> String {
        let file = "\(folder)/weir-\(fixture.replacing("_", with: "-")).so"
        switch fixture {
        case "not_elf": try "#!/bin/sh\n".write(toFile: file, atomically: true, encoding: .utf8)
        case "wrong_architecture":
            try await compile("duplicate", file)
            var bytes = try Data(contentsOf: URL(fileURLWithPath: file))
            bytes[18] = 243  // e_machine: RISC-V
            try bytes.write(to: URL(fileURLWithPath: file))
        default: try await compile(fixture, file)
        }
        return file
    }

    private func compile(_ source: String, _ file: String) async throws {
        let result = try await Command(
            "/usr/bin/cc",
            [
                "-std=gnu11", "-O1", "-fPIC", "-shared", "-I\(Build.root)/sdk/include", "-o", file,
                "\(Build.root)/Tests/BadPlugins/\(source).c",
            ]
        ).run()
        guard result.status == 0 else { throw Failure(result.errors) }
    }
}

extension EndToEnd {
    /// `plugin check` says what is wrong, whatever the plugin does, and comes back.
    @Test(.timeLimit(.minutes(2)), arguments: BadPlugin.all)
    func badPluginIsNamed(_ plugin: BadPlugin) async throws {
        let folder = try TemporaryFolder()
        let file = try await plugin.build(in: folder.path)
        let check = try await Command.weir(
            "plugin", "check", file, "--timeout", "\(plugin.limit)", limit: 120)
        #expect(check.status == 1)
        #expect(check.output.contains("FAIL"))
        #expect(check.output.contains(plugin.message), "\(check.output)\(check.errors)")
        let list = try await Command.weir("plugin", "list", "--plugin-path", file)
        if plugin.isSeenInMetadata {
            #expect(list.errors.contains("refused: plugin \(file): \(plugin.message)"))
            #expect(list.status == 1)
        } else {
            // No code of it runs, so there is nothing to refuse yet.
            #expect(list.status == 0, "\(list.errors)")
        }
    }

    /// A folder full of bad plugins does not keep a host from running what does not need them.
    @Test(.timeLimit(.minutes(1)))
    func badPluginsDoNotDisturbAHost() async throws {
        let folder = try TemporaryFolder()
        for plugin in BadPlugin.all where plugin.isSeenInMetadata {
            _ = try await plugin.build(in: folder.path)
        }
        _ = try await BadPlugin(fixture: "hangs_on_load", message: "").build(in: folder.path)
        let taken = try await BadPlugin(fixture: "taken_name", message: "").build(in: folder.path)
        let weir = try await Weir(
            """
            receivers: {nop: }
            sinks: {debug: }
            service:
              pipelines:
                logs: {receivers: [nop], sinks: [debug]}
            """, plugins: [Build.plugins, folder.path])
        for plugin in BadPlugin.all where plugin.isSeenInMetadata {
            #expect(weir.log.contains(plugin.message), "\(plugin.fixture)")
        }
        #expect(
            weir.log.contains(
                "plugin \(taken): declares the sink \"nop\", which plugin weir.nop "
                    + "(\(Build.plugins)/weir-nop.so) already has: remove one of the two"),
            "\(weir.log)")
        #expect(try await weir.stop() == 0)
    }

    /// A configuration that needs a bad plugin does not start, and says why.
    @Test(
        .timeLimit(.minutes(2)),
        arguments: ["null_functions", "init_fails", "hangs_on_load", "hangs_on_start"])
    func neededBadPluginKeepsTheHostFromStarting(_ fixture: String) async throws {
        let plugin = try #require(BadPlugin.all.first { $0.fixture == fixture })
        let folder = try TemporaryFolder()
        let file = try await plugin.build(in: folder.path)
        let weir = try await Weir(badSink, plugins: [file], waits: false)
        #expect(try await weir.end(within: 60) == 1, "\(weir.log)")
        #expect(weir.log.contains("cannot start"))
        #expect(weir.log.contains(plugin.startMessage ?? plugin.message), "\(weir.log)")
    }

    /// A crash inside the host cannot be survived; the log names the plugin.
    @Test(.timeLimit(.minutes(1)))
    func crashNamesThePlugin() async throws {
        let folder = try TemporaryFolder()
        let file = try await BadPlugin(fixture: "crashes_on_deliver", message: "")
            .build(in: folder.path)
        let port = try await freePorts(1)[0]
        let weir = try await Weir(
            badSink.replacing(
                "nop: ", with: "otlp: {protocols: {http: {endpoint: \"127.0.0.1:\(port)\"}}}"
            )
            .replacing("[nop]", with: "[otlp]"), plugins: [file])
        try? await postLog("boom", port: port)
        #expect(try await weir.end() >= 128)
        #expect(weir.log.contains("weir: crashed with SIGSEGV"), "\(weir.log)")
        #expect(weir.log.contains("bad.crashes-on-deliver"), "\(weir.log)")
    }

    private var badSink: String {
        """
        receivers: {nop: }
        sinks: {bad: }
        service:
          pipelines:
            logs: {receivers: [nop], sinks: [bad]}
        """
    }
}
