import WeirJSON
import WeirNet
import WeirRuntime

/// What a request to the probe path asks for: `?target=db:5432&auth_module=a`.
struct ProbeQuery {
    /// The settings that it gives, sorted, so that equal questions are equal.
    let settings: JSONValue
    let target: String
    /// Whether the page is to say why a probe failed, as the query `debug=true` wants it.
    let isVerbose: Bool

    struct Failure: Error {
        let text: String
    }

    init(
        _ query: String?, _ probe: PluginManifest.Standalone.Probe, _ overlay: SettingOverlay
    ) throws(Failure) {
        var values: [String: [String]] = [:]
        for pair in (query ?? "").split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let texts = parts.map { PercentEncoding.decode($0, plusIsSpace: true) }
            values[texts[0], default: []].append(texts.count > 1 ? texts[1] : "")
        }
        isVerbose = values.removeValue(forKey: "debug") == ["true"]
        guard let target = values["target"], target.count == 1, !target[0].isEmpty else {
            throw Failure(
                text: "the parameter target is missing or comes more than once: expected "
                    + "\(probe.path)?target=...")
        }
        self.target = target[0]
        // The answer is about this target and no other.
        var settings: JSONValue = .object([])
        for path in probe.replaces {
            var list: JSONValue = .array([])
            for key in path.split(separator: ".").reversed() {
                list = .object([JSONMember(String(key), list)])
            }
            settings = settings.merging(list)
        }
        for (name, texts) in values.sorted(by: { $0.key < $1.key }) {
            let setting =
                name == "target"
                ? probe.target : probe.parameters.first { $0.name == name }?.setting
            guard let setting else {
                let known = ["target"] + probe.parameters.map(\.name)
                throw Failure(
                    text:
                        "the parameter \(name) is unknown: expected \(known.joined(separator: ", "))"
                )
            }
            settings = settings.merging(overlay.settings(setting, texts))
        }
        self.settings = settings
    }
}

extension JSONValue {
    /// Objects are merged key by key; all else is replaced.
    func merging(_ other: JSONValue) -> JSONValue {
        guard case .object(var members) = self, case .object(let others) = other else {
            return other
        }
        for member in others {
            if let index = members.firstIndex(where: { $0.key == member.key }) {
                members[index].value = members[index].value.merging(member.value)
            } else {
                members.append(member)
            }
        }
        return .object(members)
    }
}
