import ArgumentParser
import WeirRuntime

/// Where plugins are looked for.
struct PluginOptions: ParsableArguments {
    @Option(
        name: .customLong("plugin-path"),
        help: ArgumentHelp(
            "A folder with plugins, or one plugin; may be repeated.", valueName: "path"))
    var paths: [String] = []

    func registry() -> PluginRegistry { pluginRegistry(paths) }
}

/// Reads the metadata of all plugins. Runs none of their code.
///
/// - Parameters:
///   - paths: Folders and files that the command line names.
///   - earlier: The registry of the configuration before; what it has loaded stays loaded.
func pluginRegistry(
    _ paths: [String], alsoIn folders: [String] = [], after earlier: PluginRegistry? = nil
) -> PluginRegistry {
    for path in paths + folders where !System.exists(path) {
        Terminal.errors.line("warning: there is no \(path), where plugins were to be found")
    }
    let files = paths.filter { $0.hasSuffix(".so") }
    let named = paths.filter { !$0.hasSuffix(".so") } + folders
    return PluginRegistry(
        folders: PluginDirectory.searchPath(
            named: named, environment: System.environment("WEIR_PLUGIN_PATH"),
            executable: System.executable),
        files: files, after: earlier)
}

/// Which files are the configuration.
struct ConfigurationOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "A configuration file; with several, later ones are laid over earlier ones.",
            valueName: "file"))
    var config: [String] = []

    @Argument(help: ArgumentHelp("Configuration files, as with --config.", valueName: "file"))
    var files: [String] = []

    @Option(
        name: .long,
        help: ArgumentHelp(
            "A prometheus.yml, which is read as Prometheus does; configuration files are laid over it.",
            valueName: "file"))
    var prometheus: String?

    @OptionGroup var plugins: PluginOptions

    /// All files, those of --config first; not the one of --prometheus.
    var allFiles: [String] { config + files }

    var isEmpty: Bool { allFiles.isEmpty && prometheus == nil }
}
