import WeirConfig
import WeirJSON
import WeirRuntime

/// What is told of one component, from its plugin's metadata alone.
struct ComponentReference {
    let plugin: PluginManifest
    let component: PluginManifest.Component

    var kindName: String { component.kind.rawValue }

    var signals: String {
        let all = component.consumes.union(component.emits)
        let names = WeirConfig.Signal.allCases.filter(all.contains).map(\.rawValue)
        return names.isEmpty ? "-" : names.joined(separator: ",")
    }

    var options: [OptionRow] {
        optionRows(component.hostedSchema, fragments: Fragments.all)
    }

    func matches(_ name: String) -> Bool {
        let parts = name.split(separator: "/", maxSplits: 1).map(String.init)
        if parts.count == 2 {
            return parts[0] == kindName && names.contains(parts[1])
        }
        return names.contains(name)
    }

    private var names: [String] { [component.type] + component.aliases }

    func print(to terminal: Terminal) {
        terminal.line(terminal.bold("\(kindName) \(component.type)") + "  \(component.summary)")
        if !component.description.isEmpty { terminal.line(component.description) }
        terminal.line(
            terminal.dim(
                "plugin \(plugin.id) \(plugin.version), \(component.stability), signals \(signals)")
        )
        terminal.line()
        guard !options.isEmpty else { return terminal.line("No options.\n") }
        terminal.table(
            ["OPTION", "TYPE", "DEFAULT", "WHAT IT DOES"],
            options.map { [$0.key, $0.type, $0.shownDefault, $0.description] })
        terminal.line()
    }

    /// A reference page.
    var markdown: String {
        var page = "# \(kindName) `\(component.type)`\n\n\(component.summary)\n"
        if !component.description.isEmpty { page += "\n\(component.description)\n" }
        page +=
            "\nPlugin `\(plugin.id)` · stability: \(component.stability) · signals: \(signals)\n"
        if !component.aliases.isEmpty {
            page +=
                "\nAlso known as: "
                + component.aliases.map { "`\($0)`" }.joined(separator: ", ") + ".\n"
        }
        if let example { page += "\n## Example\n\n```yaml\n\(example)```\n" }
        page += "\n## Options\n\n"
        guard !options.isEmpty else { return page + "None.\n" }
        page += "| option | type | default | what it does |\n| --- | --- | --- | --- |\n"
        for row in options {
            let value = row.defaultValue.map { "`\($0)`" } ?? (row.isRequired ? "required" : "")
            page +=
                "| `\(row.key)` | \(row.type.replacing("|", with: "or")) | \(value) | "
                + "\(row.description.replacing("|", with: "\\|")) |\n"
        }
        return page
    }

    var pageName: String { "\(kindName)-\(component.type).md" }

    /// The component in its section, with settings that work; `nil` where some are required and the
    /// plugin gives none.
    private var example: String? {
        let hasRequired = !(component.settings["required"]?.arrayValue ?? []).isEmpty
        guard let settings = component.example ?? (hasRequired ? nil : .null) else { return nil }
        let type = JSONMember(component.type, settings)
        return JSONValue.object([JSONMember(component.kind.section, .object([type]))]).yaml()
    }

    var json: JSONValue {
        .object([
            JSONMember("kind", .string(kindName)),
            JSONMember("type", .string(component.type)),
            JSONMember("aliases", .array(component.aliases.map { .string($0) })),
            JSONMember("summary", .string(component.summary)),
            JSONMember("stability", .string(component.stability)),
            JSONMember("signals", .string(signals)),
            JSONMember("plugin", .string(plugin.id)),
            JSONMember("version", .string(plugin.version)),
            JSONMember("settings", component.hostedSchema),
        ])
    }
}

extension OptionRow {
    var shownDefault: String { defaultValue ?? (isRequired ? "(required)" : "") }
}
