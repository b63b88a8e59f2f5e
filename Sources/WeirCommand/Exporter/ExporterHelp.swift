import WeirConfig
import WeirRuntime

/// `weir exporter NAME --help`, from what the plugin says of itself.
struct ExporterHelp {
    private let settings: ExporterSettings

    init(_ settings: ExporterSettings) { self.settings = settings }

    /// - Parameter options: The help of the command itself.
    func print(options: String, to terminal: Terminal) {
        let standalone = settings.standalone
        terminal.line(
            terminal.bold("weir exporter \(standalone.name)") + "  \(settings.component.summary)")
        if !settings.component.description.isEmpty {
            terminal.line(settings.component.description)
        }
        terminal.line()
        terminal.line("Serves http://\(standalone.listen)/metrics; --listen says otherwise.")
        if let endpoint = standalone.endpoint {
            let several = SettingOverlay(settings.component).takesSeveral(endpoint)
            terminal.line(
                "--endpoint gives the setting \(endpoint)\(several ? " and may be repeated" : "").")
        }
        if let probe = standalone.probe {
            terminal.line(
                "\(probe.path)?target=... collects from that target: it gives the setting "
                    + "\(probe.target).")
            for parameter in probe.parameters {
                terminal.line("  &\(parameter.name)=... gives the setting \(parameter.setting).")
            }
        }
        if let targets = standalone.probe?.targets {
            terminal.line(
                "  Passwords of the settings go only to targets that they name; \(targets) names more."
            )
        }
        // From the first heading on: what comes before is of the command as a whole.
        let lines = options.split(separator: "\n", omittingEmptySubsequences: false)
        if let start = lines.firstIndex(where: { $0.hasPrefix("OPTIONS:") }) {
            terminal.line("\n" + lines[start...].joined(separator: "\n"))
        }
        terminal.line("SETTINGS, for --set and --config-file:")
        terminal.table(
            ["SETTING", "TYPE", "DEFAULT", "WHAT IT DOES"],
            SettingOverlay(settings.component).rows.map {
                [$0.key, $0.type, $0.shownDefault, $0.description]
            })
    }
}
