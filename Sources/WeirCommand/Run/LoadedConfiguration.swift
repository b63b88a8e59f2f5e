import ArgumentParser
import CWeirSystem
import WeirConfig
import WeirRuntime

/// A configuration and the plugins that it was checked against.
struct LoadedConfiguration {
    private(set) var outcome: ConfigurationOutcome
    let registry: PluginRegistry

    /// Every file of which something is in it.
    let files: [String]

    /// Reads the files. A file that cannot be read ends the command: there is nothing to check.
    init(_ options: ConfigurationOptions, orDefault text: String? = nil) throws {
        try self.init(ConfigurationReader(options, orDefault: text))
    }

    /// The same.
    init(_ reader: ConfigurationReader) throws {
        do throws(ConfigurationReader.Unreadable) {
            self = try reader.read()
        } catch {
            Terminal.errors.line("weir: \(error)")
            throw ExitCode.badConfiguration
        }
    }

    static func source(
        _ path: String, language: ConfigurationSource.Language
    ) throws -> ConfigurationSource {
        do throws(ConfigurationReader.Unreadable) {
            return try ConfigurationReader.source(path, language: language)
        } catch {
            Terminal.errors.line("weir: \(error)")
            throw ExitCode.badConfiguration
        }
    }

    /// The configuration may name folders with plugins, and it is checked against what is in them.
    ///
    /// - Parameters:
    ///   - plugins: Folders and files of plugins that the command line names.
    ///   - earlier: The plugins of the configuration before, which stay loaded.
    init(
        sources: [ConfigurationSource], plugins: [String], after earlier: PluginRegistry? = nil
    ) {
        var files = sources.map(\.name)
        func read(_ path: String) throws -> [UInt8] {
            files.append(path)
            return try System.contents(of: path)
        }
        let folders = pluginPaths(
            in: sources, environment: System.environment, readFile: System.contents)
        registry = pluginRegistry(plugins, alsoIn: folders, after: earlier)
        outcome = loadConfiguration(
            sources, catalog: registry.catalog, environment: System.environment,
            readFile: read, matchingFiles: System.files)
        self.files = files
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
        outcome.diagnostics += faults
        guard faults.contains(where: { $0.severity == .error }) else { return }
        outcome.configuration = nil
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
