import ArgumentParser

/// Weir's benchmarks: a load generator, a sink that counts, and the runs that hold the two against
/// `weir` and against a TCP relay that understands nothing.
@main
struct Command: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "weir-bench",
        abstract: "Measures what weir costs, beside a TCP relay on the same machine.",
        subcommands: [
            RunCommand.self, LoadCommand.self, SinkCommand.self, PayloadCommand.self,
            ScrapeCommand.self, ParseCommand.self, ExporterCommand.self,
        ],
        defaultSubcommand: RunCommand.self)
}

extension PayloadSignal: ExpressibleByArgument {}
extension LoadMode: ExpressibleByArgument {}
