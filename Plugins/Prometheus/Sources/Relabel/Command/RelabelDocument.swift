import WeirJSON
import WeirPrometheus
import WeirSDK

/// The rules of a job, or of a file that has nothing but rules.
struct RelabelDocument {
    /// `job api`, or the file.
    var title: String
    /// What the rules stand under; nothing for those of a file.
    var list = ""
    var targetRules: RelabelRules
    var metricRules = RelabelRules()
    var honorsLabels = false
    /// What is added to labels where they are not set: by a scrape, or by a remote write.
    var defaults: [Label] = []

    init(_ arguments: RelabelArguments, host: Host) throws(ComponentError) {
        let path = arguments.config ?? arguments.rules ?? ""
        let json = try RelabelDocument.read(path, host: host)
        do throws(ComponentError) {
            if arguments.config == nil {
                try self.init(rules: json, path, host: host)
            } else if let write = arguments.write {
                try self.init(write: write, json, host: host)
            } else {
                try self.init(job: arguments.job, json, host: host)
            }
        } catch {
            throw ComponentError(error.kind, "\(path): \(error.message)")
        }
    }

    private init(rules json: JSONValue, _ path: String, host: Host) throws(ComponentError) {
        let keys = (json.objectValue ?? []).map(\.key)
        let others = ["global", "scrape_configs", "remote_write", "receivers", "sinks"]
        if let key = keys.first(where: others.contains) {
            throw .invalid(
                "found \(key), expected a list of rules; for the rules of a prometheus.yml or of a"
                    + " configuration of Weir write --config \(path) --job NAME")
        }
        try KnownKeys.check(json, "", KnownKeys.ruleLists)
        guard keys.count < 2 else {
            throw .invalid(
                "found \(keys.joined(separator: " and ")), expected one of them in a file of rules")
        }
        let list = keys.isEmpty ? json : json[keys[0]] ?? .null
        title = path
        targetRules = try RelabelDocument.rules(
            list, keys.first ?? "rules", names: .utf8, host: host)
    }

    private init(job name: String?, _ json: JSONValue, host: Host) throws(ComponentError) {
        let prometheus = try RelabelDocument.prometheus(json)
        try KnownKeys.check(each: prometheus["scrape_configs"], "scrape_configs", KnownKeys.job)
        let job = try RelabelDocument.job(name, prometheus)
        let global = prometheus["global"]
        func setting(_ key: String) -> String? {
            (job[key] ?? global?[key])?.stringValue
        }
        let names: NameValidation =
            setting("metric_name_validation_scheme") == "legacy" ? .legacy : .utf8
        let name = job["job_name"]?.stringValue ?? ""
        title = "job \(name)"
        list = "relabel_configs"
        targetRules = try RelabelDocument.rules(
            job["relabel_configs"] ?? .null, "relabel_configs", names: names, host: host)
        metricRules = try RelabelDocument.rules(
            job["metric_relabel_configs"] ?? .null, "metric_relabel_configs", names: names,
            host: host)
        honorsLabels = job["honor_labels"]?.boolValue ?? false
        let interval = setting("scrape_interval") ?? "1m"
        defaults = [
            Label("job", name), Label("__scheme__", setting("scheme") ?? "http"),
            Label("__metrics_path__", setting("metrics_path") ?? "/metrics"),
            Label("__scrape_interval__", interval),
            Label(
                "__scrape_timeout__", RelabelDocument.timeout(setting("scrape_timeout"), interval)),
        ]
        for member in job["params"]?.objectValue ?? [] {
            if let first = member.value.arrayValue?.first?.stringValue {
                defaults.append(Label("__param_" + member.key, first))
            }
        }
    }

    /// Ten seconds where nothing is said, but no more than the interval.
    private static func timeout(_ text: String?, _ interval: String) -> String {
        if let text { return text }
        guard let duration = PrometheusDuration(parsing: interval)?.duration else { return "10s" }
        return duration < .seconds(10) ? interval : "10s"
    }

    private static func read(_ path: String, host: Host) throws(ComponentError) -> JSONValue {
        guard let documents = host.documents else {
            throw .unsupported("this host reads no YAML")
        }
        do throws(ComponentError) {
            let text = try documents.json(try TargetFile.read(path))
            do throws(JSONError) {
                return try JSONValue(parsing: text)
            } catch {
                throw .invalid("\(error)")
            }
        } catch {
            let isNamed = error.message.hasPrefix(path)
            throw ComponentError(error.kind, isNamed ? error.message : "\(path): \(error.message)")
        }
    }

    /// The part of a file that reads as a prometheus.yml.
    private static func prometheus(_ json: JSONValue) throws(ComponentError) -> JSONValue {
        if json["receivers"] == nil {
            try KnownKeys.check(json, "", KnownKeys.file)
            try KnownKeys.check(json["global"], "global", KnownKeys.global)
            if json["scrape_configs"] != nil { return json }
        }
        for receiver in json["receivers"]?.objectValue ?? []
        where receiver.key == "prometheus" || receiver.key.hasPrefix("prometheus/") {
            // There, a doubled dollar sign stands for one.
            guard let config = receiver.value["config"]?.withSingleDollars else { continue }
            try KnownKeys.check(config, "config", KnownKeys.file)
            try KnownKeys.check(config["global"], "config.global", KnownKeys.global)
            return config
        }
        throw .invalid("found no scrape_configs and no receiver of type prometheus")
    }

    private static func job(
        _ name: String?, _ prometheus: JSONValue
    ) throws(ComponentError) -> JSONValue {
        let jobs = prometheus["scrape_configs"]?.arrayValue ?? []
        let names = jobs.compactMap { $0["job_name"]?.stringValue }
        guard let name = name ?? (names.count == 1 ? names[0] : nil) else {
            throw .invalid("say which job with --job: \(names.joined(separator: ", "))")
        }
        guard let job = jobs.first(where: { $0["job_name"]?.stringValue == name }) else {
            throw .invalid(
                "found no job \(name), expected one of \(names.joined(separator: ", "))")
        }
        return job
    }

    static func rules(
        _ json: JSONValue, _ name: String, names: NameValidation, host: Host
    ) throws(ComponentError) -> RelabelRules {
        if json == .null { return RelabelRules() }
        try KnownKeys.check(each: json, name, KnownKeys.rule)
        let list: [RelabelRule]
        do throws(ComponentError) {
            list = try HostSettings(json).decode([RelabelRule].self)
        } catch {
            let place =
                error.message.hasPrefix("settings: [")
                ? name + error.message.dropFirst("settings: ".count) : error.message
            throw ComponentError(error.kind, place)
        }
        return try RelabelRules(list, host: host, names: names, path: name)
    }
}

extension JSONValue {
    var withSingleDollars: JSONValue {
        switch self {
        case .string(let text): .string(text.replacing("$$", with: "$"))
        case .array(let elements): .array(elements.map(\.withSingleDollars))
        case .object(let members):
            .object(members.map { JSONMember($0.key, $0.value.withSingleDollars) })
        default: self
        }
    }
}
