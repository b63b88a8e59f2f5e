import ArgumentParser
import WeirRuntime

struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "version", abstract: "Prints the version of weir and of its plugin ABI.")

    func run() {
        Terminal.output.line(
            "weir \(BuildInfo.version), plugin ABI epoch \(PluginABI.epoch) minor \(PluginABI.minor)"
        )
    }
}
