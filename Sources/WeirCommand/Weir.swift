package import ArgumentParser
import WeirRuntime

/// The `weir` command.
package struct Weir: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "weir",
        abstract: "Collects, processes and delivers metrics, logs and traces; every part a plugin.",
        discussion: """
            Exit status: 0 all is well; 1 something could not start or a check failed; 2 the \
            configuration is wrong; 3 items were lost; 64 the command line is wrong.

            Plugins are looked for in --plugin-path, in $WEIR_PLUGIN_PATH (folders, separated by \
            colons), and in lib/weir/plugins beside bin.
            """,
        version: BuildInfo.version,
        subcommands: [
            RunCommand.self, ReloadCommand.self, ValidateCommand.self, ComponentsCommand.self,
            PluginCommand.self,
            GraphCommand.self, ConvertCommand.self, SchemaCommand.self, VersionCommand.self,
            ExporterCommand.self, QueueCommand.self,
        ])

    package init() {}
}

extension ExitCode {
    static let couldNotStart = ExitCode(1)
    static let badConfiguration = ExitCode(2)
    static let itemsLost = ExitCode(3)
}
