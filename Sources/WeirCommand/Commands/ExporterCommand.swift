import ArgumentParser
import WeirConfig
import WeirJSON
import WeirNet
import WeirRuntime

struct ExporterCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "exporter",
        abstract: "Runs one exporter alone, in place of its Prometheus counterpart.",
        discussion: """
            Serves /metrics on the counterpart's port; each request collects once. --list shows the \
            exporters, `weir exporter NAME --help` the settings of one.
            """, helpNames: [])

    @Argument(help: ArgumentHelp("Which exporter.", valueName: "name")) var name: String?

    @Flag(help: "Lists the exporters that there are.") var list = false

    @Option(
        name: .long,
        help: ArgumentHelp(
            "What it watches; may be repeated where the exporter watches several.",
            valueName: "endpoint"))
    var endpoint: [String] = []

    @Option(help: ArgumentHelp("Where to serve; host:port.", valueName: "address"))
    var listen: String?

    @Option(
        name: .customLong("config-file"),
        help: ArgumentHelp(
            "A YAML file with its settings, as they stand below its name in a configuration.",
            valueName: "file"))
    var files: [String] = []

    @Option(
        name: .customLong("set"),
        help: ArgumentHelp(
            "One setting, as in --set timeout=5s or --set tls.ca_file=ca.pem; laid over the file. "
                + "Values may hold ${env:NAME} and ${file:PATH}.", valueName: "key=value"))
    var assignments: [String] = []

    @Option(
        name: .customLong("web.config.file"),
        help: ArgumentHelp(
            "TLS and users of what it serves, in the format of Prometheus' exporters.",
            valueName: "file"))
    var webConfigFile = ""

    @Option(help: ArgumentHelp("debug, info, warn or error.", valueName: "level"))
    var logLevel = "info"

    @OptionGroup var plugins: PluginOptions

    @Flag(name: [.short, .long], help: "Shows help, of one exporter if there is a name.")
    var help = false

    func run() throws {
        let registry = plugins.registry()
        for refused in registry.refused { Terminal.errors.line("warning: \(refused)") }
        let exporters = registry.standalone
        guard let name else {
            if list { return show(exporters) }
            if help {
                Terminal.output.line(Weir.helpMessage(for: Self.self))
                return show(exporters)
            }
            throw fails("which exporter? " + Self.names(exporters))
        }
        guard let found = exporters.first(where: { $0.component.standalone?.name == name }) else {
            if registry.manifest(.exporter, name) != nil {
                throw fails(
                    "the exporter \(name) runs in the pipelines of `weir run` only: it has no "
                        + "Prometheus counterpart to stand in for; " + Self.names(exporters)
                        + " that run alone")
            }
            let near = nearestName(to: name, in: exporters.compactMap(\.component.standalone?.name))
            throw fails(
                "there is no exporter \(name)" + (near.map { "; did you mean \($0)?" } ?? ":") + " "
                    + Self.names(exporters))
        }
        var settings = ExporterSettings(found.owner, found.component)
        if help {
            return ExporterHelp(settings).print(
                options: Weir.helpMessage(for: Self.self), to: .output)
        }
        do throws(ExporterSettings.Failure) {
            for file in files { try settings.add(file: file) }
            for assignment in assignments { try settings.add(assignment: assignment) }
            try settings.add(endpoints: endpoint)
        } catch {
            let status = fails(error.text)
            throw error.isConfiguration ? ExitCode.badConfiguration : status
        }
        for warning in settings.warnings { Terminal.errors.line("warning: \(warning)") }
        let (loaded, diagnostics) = settings.load()
        if loaded == nil, !settings.lacksOnlyTarget(diagnostics) {
            report(diagnostics, settings)
            throw ExitCode.badConfiguration
        }
        report(diagnostics.filter { $0.severity == .warning }, settings)
        let status = ExporterDaemon(
            settings: settings, loaded: loaded, endpoint: try address(settings.standalone),
            registry: registry, webConfigFile: webConfigFile, logLevel: logLevel
        ).run()
        if status != .success { throw status }
    }

    private func report(_ diagnostics: [Diagnostic], _ settings: ExporterSettings) {
        for diagnostic in diagnostics {
            Terminal.errors.line(diagnostic.text(color: Terminal.errors.isColored))
        }
        if let key = settings.standalone.endpoint,
            diagnostics.contains(where: { $0.message.hasPrefix("'\(key)' is missing") })
        {
            Terminal.errors.line("--endpoint gives the setting \(key)")
        }
    }

    private func address(_ standalone: PluginManifest.Standalone) throws -> Endpoint {
        do throws(NetError) {
            return try Endpoint(parsing: listen ?? standalone.listen)
        } catch {
            throw fails("--listen: \(error.message)")
        }
    }

    private func fails(_ text: String) -> ExitCode {
        Terminal.errors.line("weir exporter: \(text)")
        return .validationFailure
    }

    private static func names(
        _ exporters: [(owner: PluginManifest, component: PluginManifest.Component)]
    ) -> String {
        exporters.isEmpty
            ? "no plugin has any: name their folder with --plugin-path or WEIR_PLUGIN_PATH"
            : "there are "
                + exporters.compactMap(\.component.standalone?.name).joined(separator: ", ")
    }

    private func show(
        _ exporters: [(owner: PluginManifest, component: PluginManifest.Component)]
    ) {
        Terminal.output.table(
            ["NAME", "LISTENS ON", "PATHS", "PLUGIN", "SUMMARY"],
            exporters.map { owner, component in
                let standalone = component.standalone!
                return [
                    standalone.name, standalone.listen,
                    (["/metrics"] + (standalone.probe.map { [$0.path] } ?? []))
                        .joined(separator: ", "),
                    "\(owner.id) \(owner.version)", component.summary,
                ]
            })
    }
}
