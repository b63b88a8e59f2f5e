import ArgumentParser
import WeirConfig
import WeirJSON
import WeirRuntime

struct ComponentsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "components",
        abstract: "Lists the components of all plugins, or the options of one.",
        discussion: """
            NAME is a type, such as otlp; where several kinds share it, all are shown, and \
            kind/type, such as sink/otlp, picks one. On a narrow terminal (COLUMNS) the list has \
            fewer columns.
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable { case text, json, markdown }

    @OptionGroup var plugins: PluginOptions

    @Option(help: "text, json, or markdown for a reference page.")
    var format: Format = .text

    @Option(
        help: ArgumentHelp(
            "With markdown: write a page for each component into this folder.", valueName: "folder")
    )
    var output: String?

    @Argument(help: "The type of a component.")
    var name: String?

    func run() throws {
        let registry = plugins.registry()
        for refused in registry.refused { Terminal.errors.line("warning: \(refused)") }
        let entries = registry.manifests.flatMap { plugin in
            plugin.components.map { ComponentReference(plugin: plugin, component: $0) }
        }.sorted { ($0.kindName, $0.component.type) < ($1.kindName, $1.component.type) }
        if let output { return try write(entries, to: output) }
        guard let name else { return list(entries) }
        let chosen = entries.filter { $0.matches(name) }
        guard !chosen.isEmpty else {
            let near = nearestName(to: name, in: entries.map(\.component.type))
            Terminal.errors.line(
                "weir: there is no component \(name)" + (near.map { "; did you mean \($0)?" } ?? "")
                    + " `weir components` lists all.")
            throw ExitCode.couldNotStart
        }
        switch format {
        case .json:
            Terminal.output.line(JSONValue.array(chosen.map(\.json)).serialized(pretty: true))
        case .markdown: for entry in chosen { Terminal.output.line(entry.markdown) }
        case .text: for entry in chosen { entry.print(to: .output) }
        }
    }

    private func write(_ entries: [ComponentReference], to folder: String) throws {
        for entry in entries {
            do {
                try System.write(entry.markdown, toFile: "\(folder)/\(entry.pageName)")
            } catch {
                Terminal.errors.line("weir: cannot write \(folder)/\(entry.pageName): \(error)")
                throw ExitCode.couldNotStart
            }
        }
    }

    private func list(_ entries: [ComponentReference]) {
        if format == .json {
            Terminal.output.line(JSONValue.array(entries.map(\.json)).serialized(pretty: true))
            return
        }
        Terminal.output.table(
            TextTable(
                heading: ["KIND", "TYPE", "STABILITY", "SIGNALS", "PLUGIN", "SUMMARY"],
                rows: entries.map {
                    [
                        $0.kindName, $0.component.type, $0.component.stability, $0.signals,
                        "\($0.plugin.id) \($0.plugin.version)", $0.component.summary,
                    ]
                }, mayGo: [4, 3, 2]))
    }
}
