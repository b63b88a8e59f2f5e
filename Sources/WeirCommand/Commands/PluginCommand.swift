import ArgumentParser
import WeirConfig
import WeirJSON
import WeirRuntime

struct PluginCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plugin", abstract: "Lists, inspects and checks plugins.",
        subcommands: [List.self, Inspect.self, Check.self])

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists the plugins that are found. Runs none of their code.")

        @OptionGroup var plugins: PluginOptions

        func run() throws {
            let registry = plugins.registry()
            Terminal.output.table(
                ["PLUGIN", "VERSION", "LICENSE", "COMPONENTS", "FILE"],
                registry.manifests.map { plugin in
                    let components =
                        plugin.components.map { "\($0.kind.rawValue) \($0.type)" }
                        + plugin.commands.map { "command \($0.name)" }
                    return [
                        plugin.id, plugin.version, plugin.license,
                        components.joined(separator: ", "), plugin.path,
                    ]
                })
            for refused in registry.refused { Terminal.errors.line("refused: \(refused)") }
            if !registry.refused.isEmpty { throw ExitCode.couldNotStart }
        }
    }

    struct Inspect: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Shows what a plugin says of itself. Runs none of its code.")

        @Argument(help: "The plugin's file.") var path: String

        func run() throws {
            do throws(PluginLoadError) {
                let plugin = try PluginManifest.read(path: path)
                Terminal.output.line("\(plugin.id) \(plugin.version)  \(plugin.summary)")
                Terminal.output.line(
                    "licence \(plugin.license), ABI epoch \(PluginABI.epoch) minor \(plugin.minor)\n"
                )
                for component in plugin.components {
                    ComponentReference(plugin: plugin, component: component).print(to: .output)
                }
                for command in plugin.commands {
                    Terminal.output.line("command \(command.name)  \(command.summary)")
                }
            } catch {
                Terminal.errors.line("\(error)")
                throw ExitCode.couldNotStart
            }
        }
    }
}
