import Testing
import WeirSDK
import WeirTestKit

struct CommandTests {
    private static let plugin = Plugin(
        id: "test.commands", version: "1.0.0", components: [],
        commands: [
            .command("shout") { arguments, io in
                if arguments == ["--fail"] {
                    io.writeError("cannot\n")
                    return 1
                }
                io.write(arguments.joined(separator: "|") + "\n")
                io.write(String(decoding: io.readAll(), as: UTF8.self).uppercased())
                let digest = io.host.hash?.sha256("abc") ?? []
                io.write("\n\(digest.count) \(io.host.now > 0)")
                return 0
            },
            .command("nothing") { _, _ in 7 },
        ])

    @Test func runsWithArgumentsAndStreams() throws {
        let host = FakeHost()
        let result = try host.run(
            Self.plugin, command: "shout", ["a b", "", "é"], input: Array("quiet".utf8))
        #expect(result.status == 0)
        #expect(result.output == "a b||é\nQUIET\n32 true")
        #expect(result.errors.isEmpty)
        let failed = try host.run(Self.plugin, command: "shout", ["--fail"])
        #expect(failed.status == 1)
        #expect(failed.errors == "cannot\n")
        #expect(try host.run(Self.plugin, command: "nothing").status == 7)
        #expect(throws: ComponentError.self) { _ = try host.run(Self.plugin, command: "none") }
    }

    private static func json(_ commands: String) -> String {
        """
        {"id": "test.commands", "version": "1.0.0", "license": "MIT", "summary": "Commands.",
         "components": [], "commands": \(commands)}
        """
    }

    private static let shout = #"{"name": "shout", "summary": "Shouts."}"#
    private static let nothing = #"{"name": "nothing", "summary": "Does nothing."}"#

    @Test func metadataThatAgrees() throws {
        try conformance(Self.plugin, json: Self.json("[\(Self.shout), \(Self.nothing)]"))
    }

    @Test(
        arguments: [
            ("[\(shout)]", "plugin.json lacks the command nothing that the plugin has"),
            (
                #"[\#(shout), \#(nothing), {"name": "more", "summary": "m"}]"#,
                "plugin.json has a command more that the plugin lacks"
            ),
            ("[\(shout), \(nothing), \(nothing)]", "a command is named twice"),
            (
                #"[\#(shout), {"name": "nothing"}]"#,
                "plugin.json: commands[1]: summary is missing or empty"
            ),
            (
                #"[\#(shout), {"name": "nothing", "summary": "s", "help": ""}]"#,
                "plugin.json: commands[1]: unknown key help"
            ),
            (
                #"[\#(shout), \#(nothing), {"name": "A b", "summary": "s"}]"#,
                "plugin.json: command A b: other characters than a-z 0-9 -"
            ),
        ])
    func metadataThatDisagrees(commands: String, fault: String) {
        let error = #expect(throws: TestFailure.self) {
            try conformance(Self.plugin, json: Self.json(commands))
        }
        #expect(error?.description.contains(fault) == true, "\(error.map { "\($0)" } ?? "none")")
    }
}
