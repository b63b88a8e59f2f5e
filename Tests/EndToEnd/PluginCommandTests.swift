import Foundation
import Testing
import WeirTestKit

/// Commands of plugins, and the errors where there is none.
extension EndToEnd {
    /// A plugin with a command and without anything else that runs.
    private static let source = """
        #include <weir/weir.h>

        WEIR_METADATA("{\\"id\\": \\"test.command\\", \\"version\\": \\"1.0.0\\", \\"license\\": \\"MIT\\","
                      " \\"summary\\": \\"One command.\\", \\"components\\": [{\\"kind\\": \\"extension\\","
                      " \\"type\\": \\"idle\\", \\"summary\\": \\"Nothing.\\"}], \\"commands\\":"
                      " [{\\"name\\": \\"echo\\", \\"summary\\": \\"Says its arguments.\\"}]}");

        static weir_status create(const weir_component *c, const weir_host *h, weir_slice s,
                                  weir_instance **out, weir_error *e) {
            (void)c, (void)h, (void)s, (void)e;
            *out = (weir_instance *)1;
            return WEIR_OK;
        }
        static weir_status step(weir_instance *i, weir_deadline d, weir_error *e) {
            (void)i, (void)d, (void)e;
            return WEIR_OK;
        }
        static void destroy(weir_instance *i) { (void)i; }
        static int32_t echo(const weir_command *command, const weir_slice *arguments, size_t count,
                            const weir_command_io *io) {
            for (size_t i = 0; i < count; i++) {
                io->write(io, WEIR_STDOUT, arguments[i]);
                io->write(io, WEIR_STDOUT, weir_text("\\n"));
            }
            uint8_t byte;
            bool end = io->read(io, &byte, 1) == 0;
            bool regex = io->host->extension(io->host, "weir.regex/1") != NULL;
            bool timer = io->host->extension(io->host, "weir.timer/1") != NULL;
            io->write(io, WEIR_STDERR, weir_text(end && regex && !timer ? "good" : "bad"));
            return (int32_t)count;
        }
        static const weir_component idle = {.size = sizeof(weir_component), .kind = WEIR_EXTENSION,
            .type = "idle", .create = create, .start = step, .stop = step, .destroy = destroy};
        static const weir_component *const components[] = {&idle};
        static const weir_command command = {.size = sizeof(weir_command), .name = NAME, .run = echo};
        static const weir_command *const commands[] = {&command};
        static const weir_plugin plugin = {.size = sizeof(weir_plugin), .epoch = WEIR_ABI_EPOCH,
            .minor = WEIR_ABI_MINOR, .component_count = 1, .id = "test.command", .version = "1.0.0",
            .components = components, .commands = commands, .command_count = 1};
        const weir_plugin *weir_plugin_main(void) { return &plugin; }
        """

    private func build(in folder: TemporaryFolder, _ name: String = "echo") async throws -> String {
        let file = "\(folder.path)/weir-command-\(name).so"
        let source = try folder.write(Self.source, to: "\(name).c")
        let result = try await Command(
            "/usr/bin/cc",
            [
                "-std=gnu11", "-fPIC", "-shared", "-I\(Build.root)/sdk/include",
                "-DNAME=\"\(name)\"", "-o", file, source,
            ]
        ).run()
        guard result.status == 0 else { throw Failure(result.errors) }
        return file
    }

    @Test(.timeLimit(.minutes(1)))
    func pluginCommandRuns() async throws {
        let folder = try TemporaryFolder()
        let file = try await build(in: folder)
        let echo = try await Command.weir("--plugin-path", file, "echo", "a b", "--help")
        #expect(echo.output == "a b\n--help\n", "\(echo.errors)")
        #expect(echo.errors == "good")
        #expect(echo.status == 2)
        let help = try await Command(
            Build.weir, ["--help"], environment: ["WEIR_PLUGIN_PATH": folder.path]
        ).run()
        #expect(help.status == 0)
        let heading = try #require(help.output.range(of: "COMMANDS OF PLUGINS:"))
        #expect(help.output[heading.upperBound...].contains("echo"))
        #expect(help.output.contains("Says its arguments."))
        #expect(help.output.contains("USAGE: weir"))
        let about = try await Command(
            Build.weir, ["help", "echo"], environment: ["WEIR_PLUGIN_PATH": folder.path]
        ).run()
        #expect(about.output == "--help\n")
        let list = try await Command.weir("plugin", "list", "--plugin-path", file)
        #expect(list.output.contains("extension idle, command echo"))
    }

    @Test(.timeLimit(.minutes(1)))
    func commandThatIsNotThere() async throws {
        let folder = try TemporaryFolder()
        let file = try await build(in: folder)
        for (name, near) in [("ecko", "echo"), ("validat", "validate")] {
            let result = try await Command.weir("--plugin-path", file, name)
            #expect(result.status == 64)
            #expect(
                result.errors.contains(
                    "weir: there is no command \(name), neither of weir nor of a plugin; did you mean \(near)?"
                ), "\(result.errors)")
        }
        // The table has another name than the metadata.
        let other = try await build(in: folder, "other")
        let result = try await Command.weir("--plugin-path", other, "echo")
        #expect(result.status == 1)
        #expect(
            result.errors.contains(
                "its table has the command \"other\", its metadata does not declare it"),
            "\(result.errors)")
    }
}
