import WeirJSON
import WeirRuntime

/// Which of the settings are passwords, and which targets they are for.
struct ProbeCredentials {
    private let probe: PluginManifest.Standalone.Probe
    private let targets: ProbeTargets

    /// - Parameters:
    ///   - settings: Those of the command line and its files, with their defaults.
    ///   - isTargetTheirs: Whether the target in them is theirs, and not one that was put in its place.
    init(
        _ probe: PluginManifest.Standalone.Probe, _ settings: JSONValue, isTargetTheirs: Bool
    ) {
        self.probe = probe
        var names: [String] = []
        if isTargetTheirs { names += settings.values(at: probe.target).compactMap(\.stringValue) }
        let key = probe.target.split(separator: ".").last.map(String.init) ?? ""
        for list in probe.replaces {
            for entry in settings.values(at: list).flatMap({ $0.arrayValue ?? [] }) {
                if let name = entry.stringValue ?? entry[key]?.stringValue { names.append(name) }
            }
        }
        if let list = probe.targets {
            names += settings.values(at: list).flatMap { $0.arrayValue ?? [] }
                .compactMap(\.stringValue)
        }
        targets = ProbeTargets(names: names)
    }

    /// The settings to withhold from this target, as a mapping; `nil`: none.
    func withheld(from target: String, _ overlay: SettingOverlay) -> [JSONValue] {
        targets.contain(target) ? [] : probe.withholds.map { overlay.settings($0, ["false"]) }
    }

    /// Why this target must not be asked with these settings; `nil`: it may.
    func refusal(of target: String, _ settings: JSONValue) -> String? {
        guard !targets.contain(target),
            let credential = probe.credentials.first(where: { path in
                settings.values(at: path).contains { $0.isSet }
            })
        else { return nil }
        let place = credential.replacing("<", with: "").replacing(">", with: "")
        let advice =
            probe.targets.map {
                "add it to \($0) (--set '\($0)=\(target.printable)', or a list in --config-file; a "
                    + "host may begin with *), or "
            } ?? ""
        return "the settings do not name the target \(target.printable), and \(place) is only for "
            + "targets that they name: \(advice)run another weir exporter without \(place)\n"
    }
}

extension JSONValue {
    /// What is at a path: `*` is any key, `<name>` the value of the setting of that name, or any key
    /// while that is not set. Keys are compared without case, as those of headers are.
    fileprivate func values(at path: String) -> [JSONValue] {
        path.split(separator: ".").reduce([self]) { found, part in
            var key: String? = part == "*" ? nil : part.lowercased()
            if part.hasPrefix("<") {
                key = self[String(part.dropFirst().dropLast())]?.stringValue?.lowercased()
            }
            return found.flatMap { value in
                (value.objectValue ?? []).filter { key == nil || $0.key.lowercased() == key }
                    .map(\.value)
            }
        }
    }

    fileprivate var isSet: Bool {
        switch self {
        case .null: false
        case .string(let text): !text.isEmpty
        case .array(let list): !list.isEmpty
        case .object(let members): members.contains { $0.value.isSet }
        default: true
        }
    }
}

extension String {
    /// At most 200 characters, without those that a terminal would obey, and without a password.
    fileprivate var printable: String {
        let shown = String(prefix(200).filter { !$0.isNewline && $0 >= " " && $0 != "\u{7f}" })
        guard let at = shown.lastIndex(of: "@") else { return shown }
        let start = shown.firstRange(of: "://")?.upperBound ?? shown.startIndex
        return start < at ? shown[..<start] + "…" + shown[at...] : shown
    }
}
