import ArgumentParser
import CWeirSystem
import WeirConfig
import WeirRuntime

/// A configuration and the plugins that it was checked against.
struct LoadedConfiguration {
    private(set) var outcome: ConfigurationOutcome
    let registry: PluginRegistry

    /// Reads the files. A file that cannot be read ends the command: there is nothing to check.
    init(_ options: ConfigurationOptions, orDefault text: String? = nil) throws {
        var sources: [ConfigurationSource] = []
        if let path = options.prometheus {
            sources.append(try Self.source(path, language: .prometheus))
        }
        sources += try options.allFiles.map { try Self.source($0) }
        if sources.isEmpty {
            guard let text else {
                Terminal.errors.line(
                    "weir: no configuration: name one or more files")
                throw ExitCode.badConfiguration
            }
            sources = [ConfigurationSource(name: "(built-in)", contents: Array(text.utf8))]
        }
        self.init(sources: sources, options.plugins)
    }

    static func source(
        _ path: String, language: ConfigurationSource.Language = .weir
    ) throws -> ConfigurationSource {
        do {
            return ConfigurationSource(
                name: path == "-" ? "<stdin>" : path, contents: try System.contents(of: path),
                language: language)
        } catch {
            Terminal.errors.line("weir: cannot read the configuration \(path): \(error)")
            throw ExitCode.badConfiguration
        }
    }

    /// The configuration may name folders with plugins, and it is checked against what is in them.
    init(sources: [ConfigurationSource], _ options: PluginOptions) {
        let folders = pluginPaths(
            in: sources, environment: System.environment, readFile: System.contents)
        registry = options.registry(alsoIn: folders)
        outcome = loadConfiguration(
            sources, catalog: registry.catalog, environment: System.environment,
            readFile: System.contents, matchingFiles: System.files)
        checkPromises()
    }

    /// What no schema can see: whether a receiver's promise is kept by the sinks behind it, and whether
    /// the storage is there that sinks name.
    private mutating func checkPromises() {
        guard let configuration = outcome.configuration else { return }
        let faults = configuration.storageFaults + DeliveryPromise.faults(configuration)
        guard !faults.isEmpty else { return }
        outcome.configuration = nil
        outcome.diagnostics += configuration.places?.diagnostics(faults) ?? []
        outcome.notes = []
    }

    /// Asks the components themselves, too: `run` would find out. Loads their plugins.
    mutating func tryComponents() {
        guard let configuration = outcome.configuration else { return }
        weir_crash_install()
        let faults = ConfigurationTrial.run(configuration, registry: registry)
        guard !faults.isEmpty else { return }
        outcome.configuration = nil
        outcome.diagnostics += faults
        outcome.notes = []
    }

    /// Writes what is wrong, and what was refused, to standard error.
    func report() {
        for diagnostic in outcome.diagnostics {
            Terminal.errors.line(diagnostic.text(color: Terminal.errors.isColored))
        }
        for note in outcome.notes { Terminal.errors.line("note: \(note)") }
        if registry.manifests.isEmpty {
            Terminal.errors.line(
                "warning: no plugins were found in \(registry.folders.joined(separator: ", ")): name "
                    + "their folder with --plugin-path or WEIR_PLUGIN_PATH")
        }
        for refused in registry.refused { Terminal.errors.line("warning: \(refused)") }
    }
}
