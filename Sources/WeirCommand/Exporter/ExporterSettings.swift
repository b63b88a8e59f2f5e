import WeirConfig
import WeirJSON
import WeirRuntime

/// The settings of one exporter, as the command line and a file give them.
struct ExporterSettings {
    let owner: PluginManifest
    let component: PluginManifest.Component
    let standalone: PluginManifest.Standalone
    /// The first is where what is missing is missing from.
    private var sources = [ConfigurationSource(name: "command line", contents: [])]

    /// What is said once, before anything starts.
    private(set) var warnings: [String] = []

    struct Failure: Error {
        let text: String
        /// Whether the settings are wrong, and not how the command is written.
        var isConfiguration = false
    }

    init(_ owner: PluginManifest, _ component: PluginManifest.Component) {
        self.owner = owner
        self.component = component
        standalone = component.standalone!
    }

    var path: String { "exporters.\(component.type)" }

    mutating func add(file: String) throws(Failure) {
        do throws(System.FileError) {
            let contents = try System.contents(of: file)
            sources.append(
                ConfigurationSource(name: file == "-" ? "<stdin>" : file, contents: contents))
        } catch {
            throw Failure(text: "cannot read the settings \(file): \(error)")
        }
    }

    mutating func add(endpoints: [String]) throws(Failure) {
        guard !endpoints.isEmpty else { return }
        guard let setting = standalone.endpoint else {
            throw Failure(
                text: "--endpoint: the exporter \(standalone.name) watches no endpoint; "
                    + "`weir exporter \(standalone.name) --help` lists its settings")
        }
        guard endpoints.count == 1 || SettingOverlay(component).takesSeveral(setting) else {
            throw Failure(
                text: "--endpoint is there \(endpoints.count) times, and the exporter "
                    + "\(standalone.name) watches one endpoint: expected it once; start another "
                    + "weir exporter, with a --listen of its own, for each further one",
                isConfiguration: true)
        }
        add(setting, endpoints, from: "--endpoint")
    }

    /// `key=value`, where the key is the path of a setting.
    mutating func add(assignment: String) throws(Failure) {
        guard let equal = assignment.firstIndex(of: "="), equal != assignment.startIndex else {
            throw Failure(
                text: "--set \(assignment): found no key, expected key=value, as in "
                    + "--set timeout=5s")
        }
        let key = String(assignment[..<equal])
        add(key, [String(assignment[assignment.index(after: equal)...])], from: "--set \(key)")
    }

    private mutating func add(_ key: String, _ texts: [String], from flag: String) {
        let overlay = SettingOverlay(component)
        // An address is secret as a whole only for what it may hold: a user's password.
        let isSecret = key != standalone.endpoint && overlay.row(key)?.isSecret ?? false
        if texts.contains(where: { showsSecret($0, isSecret: isSecret) }) {
            warnings.append(
                "\(flag) has a secret in clear, which everyone sees who can list processes: write "
                    + "${env:NAME} or ${file:PATH}, or use --config-file")
        }
        let settings = overlay.settings(key, texts)
        sources.append(
            ConfigurationSource(
                name: flag, contents: Array(settings.serialized(pretty: true).utf8)))
    }

    /// The settings as the plugin gets them, and what is wrong with them.
    ///
    /// - Parameter query: What a request to the probe path says; nothing in it is a variable.
    func load(
        query: JSONValue? = nil
    ) -> (settings: JSONValue?, diagnostics: [Diagnostic]) {
        let literals = query.map {
            [
                ConfigurationSource(
                    name: "the query", contents: Array($0.serialized(pretty: true).utf8))
            ]
        }
        return loadSettings(
            sources, literals: literals ?? [], of: path, schema: component.hostedSchema,
            fragments: Fragments.all, environment: System.environment, readFile: System.contents)
    }

    /// Whether nothing but the target is missing, which each request to the probe path brings.
    func lacksOnlyTarget(_ diagnostics: [Diagnostic]) -> Bool {
        guard let target = standalone.probe?.target else { return false }
        let errors = diagnostics.filter { $0.severity == .error }
        return !errors.isEmpty
            && errors.allSatisfy {
                $0.code == .missingKey && $0.path == path && $0.message.hasPrefix("'\(target)' ")
            }
    }
}
