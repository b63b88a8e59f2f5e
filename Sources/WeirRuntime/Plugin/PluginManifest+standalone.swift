import WeirJSON

extension PluginManifest {
    /// How an exporter runs alone, in place of its Prometheus counterpart (docs/plugin-json.md).
    package struct Standalone: Sendable, Equatable {
        /// `weir exporter NAME`.
        package let name: String
        /// Where the counterpart listens.
        package let listen: String
        /// The setting that --endpoint gives.
        package let endpoint: String?
        package let probe: Probe?

        /// A path on which each request says which target it is about.
        package struct Probe: Sendable, Equatable {
            package let path: String
            /// The setting that `?target=` gives.
            package let target: String
            /// Further parameters of the query, and the settings that they give.
            package let parameters: [Parameter]
            /// Lists of further targets, which are empty for a request that names its own.
            package var replaces: [String] = []
            /// Settings that only targets get that the configuration names; `<name>` in a path is the
            /// value of the setting `name`.
            package var credentials: [String] = []
            /// The list of targets that get them, beside those that are watched anyway.
            package var targets: String?
            /// Switches that are off for all other targets.
            package var withholds: [String] = []

            package init(path: String, target: String, parameters: [Parameter]) {
                self.path = path
                self.target = target
                self.parameters = parameters
            }
        }

        package struct Parameter: Sendable, Equatable {
            package let name: String
            package let setting: String

            package init(name: String, setting: String) {
                self.name = name
                self.setting = setting
            }
        }
    }
}

extension ManifestReader {
    func standalone(
        _ json: JSONValue, in place: String
    ) throws(PluginLoadError) -> PluginManifest.Standalone {
        try check(json, allows: ["name", "listen", "endpoint", "probe"], in: place)
        var probe: PluginManifest.Standalone.Probe?
        if let json = json["probe"] {
            let place = "\(place).probe"
            try check(
                json,
                allows: [
                    "path", "target", "parameters", "replaces", "credentials", "targets",
                    "withholds",
                ], in: place)
            let path = try text(json, "path", in: place)
            guard path.hasPrefix("/"), path != "/", path != "/metrics", path != "/-/healthy" else {
                throw bad("\(place).path is \"\(path)\", expected a path of its own, as /probe")
            }
            var parameters: [PluginManifest.Standalone.Parameter] = []
            for member in json["parameters"]?.objectValue ?? [] {
                guard let setting = member.value.stringValue, member.key != "target" else {
                    throw bad("\(place).parameters.\(member.key) is not the path of a setting")
                }
                parameters.append(.init(name: member.key, setting: setting))
            }
            var found = PluginManifest.Standalone.Probe(
                path: path, target: try text(json, "target", in: place), parameters: parameters)
            found.replaces = try paths(json, "replaces", in: place)
            found.credentials = try paths(json, "credentials", in: place)
            found.withholds = try paths(json, "withholds", in: place)
            found.targets = json["targets"] == nil ? nil : try text(json, "targets", in: place)
            probe = found
        }
        return PluginManifest.Standalone(
            name: try text(json, "name", in: place), listen: try text(json, "listen", in: place),
            endpoint: json["endpoint"] == nil ? nil : try text(json, "endpoint", in: place),
            probe: probe)
    }

    private func paths(
        _ json: JSONValue, _ key: String, in place: String
    ) throws(PluginLoadError) -> [String] {
        guard let json = json[key] else { return [] }
        let paths = json.arrayValue?.map(\.stringValue) ?? [nil]
        guard !paths.contains(nil) else {
            throw bad("\(place).\(key) is no list of the paths of settings")
        }
        return paths.compactMap { $0 }
    }

    private func check(
        _ json: JSONValue, allows keys: [String], in place: String
    ) throws(PluginLoadError) {
        guard let members = json.objectValue else { throw bad("\(place) is not an object") }
        for member in members where !keys.contains(member.key) {
            throw bad(
                "\(place).\(member.key) is unknown, expected " + keys.joined(separator: ", "))
        }
    }
}
