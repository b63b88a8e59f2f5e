import ArgumentParser
import Glibc
import WeirConfig
import WeirRuntime

extension Weir {
    /// Runs the command line. What is none of weir's own commands may be one of a plugin's.
    package static func start(_ arguments: [String]) -> Never {
        if let command = PluginCommandLine(arguments) { command.run() }
        if isRequestForHelp(arguments) {
            Terminal.output.line(PluginCommandLine.help(after: helpMessage()))
            Glibc.exit(0)
        }
        main(arguments)
        Glibc.exit(0)
    }

    private static func isRequestForHelp(_ arguments: [String]) -> Bool {
        arguments.isEmpty || ["--help", "-h", "help"].contains { [$0] == arguments }
    }
}

/// `weir [--plugin-path PATH]... NAME ARGUMENT...`, where NAME is none of weir's own commands.
struct PluginCommandLine {
    private static let usage: Int32 = 64

    private let name: String
    private let arguments: [String]
    private let plugins: PluginOptions

    init?(_ arguments: [String]) {
        var rest = arguments[...]
        var options: [String] = []
        while let first = rest.first, first.hasPrefix("--plugin-path") {
            let isWhole = first.contains("=")
            options += rest.prefix(isWhole ? 1 : 2)
            rest = rest.dropFirst(isWhole ? 1 : 2)
        }
        // `weir help NAME` is `weir NAME --help`.
        if rest.first == "help", let asked = rest.dropFirst().first {
            rest = [asked, "--help"]
        }
        guard let name = rest.first, !name.hasPrefix("-"), !Self.ownNames.contains(name),
            let plugins = try? PluginOptions.parse(options)
        else { return nil }
        self.name = name
        self.arguments = Array(rest.dropFirst())
        self.plugins = plugins
    }

    static var ownNames: [String] {
        Weir.configuration.subcommands.map { $0._commandName } + ["help"]
    }

    func run() -> Never {
        let registry = plugins.registry()
        guard let owner = registry.manifests.first(where: { $0.has(command: name) }) else {
            for refused in registry.refused { Terminal.errors.line("warning: \(refused)") }
            let known = Self.ownNames + registry.manifests.flatMap { $0.commands.map(\.name) }
            let near = nearestName(to: name, in: known).map { "; did you mean \($0)?" } ?? ","
            Terminal.errors.line(
                "weir: there is no command \(name), neither of weir nor of a plugin\(near) `weir --help` lists all"
            )
            Glibc.exit(Self.usage)
        }
        do throws(PluginLoadError) {
            let library = try registry.library(owner)
            Glibc.exit(library.run(command: name, arguments: arguments) ?? Self.usage)
        } catch {
            Terminal.errors.line("weir: \(error)")
            Glibc.exit(ExitCode.couldNotStart.rawValue)
        }
    }

    /// The help text with the commands of the plugins under a heading of their own.
    static func help(after text: String) -> String {
        let commands =
            (try? PluginOptions.parse([]))?.registry().manifests.flatMap(\.commands) ?? []
        guard !commands.isEmpty else { return text }
        let width = max(21, commands.map { $0.name.count }.max() ?? 0)
        var list = "COMMANDS OF PLUGINS:\n"
        for command in commands.sorted(by: { $0.name < $1.name }) {
            let space = String(repeating: " ", count: width - command.name.count + 3)
            list += "  \(command.name)\(space)\(command.summary)\n"
        }
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let end = lines.lastIndex { $0.hasPrefix("  See '") } ?? lines.count
        lines.insert(list, at: end)
        return lines.joined(separator: "\n")
    }
}

extension PluginManifest {
    fileprivate func has(command name: String) -> Bool {
        commands.contains { $0.name == name }
    }
}
