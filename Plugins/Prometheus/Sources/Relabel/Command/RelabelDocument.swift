import WeirJSON
import WeirPrometheus
import WeirSDK

/// The rules of a job, or of a file that has nothing but rules.
struct RelabelDocument {
    /// `relabel_configs of job api`, or the file.
    var title: String
    var targetRules: RelabelRules
    var metricRules: RelabelRules
    var honorsLabels = false
    /// What a scrape adds to the labels of a target where they are not set.
    var defaults: [Label] = []

    init(_ arguments: RelabelArguments, host: Host) throws(ComponentError) {
        let path = arguments.config ?? arguments.rules ?? ""
        let json = try RelabelDocument.read(path, host: host)
        if arguments.config == nil {
            let list = json["relabel_configs"] ?? json["metric_relabel_configs"] ?? json
            title = path
            targetRules = try RelabelDocument.rules(list, "rules", names: .utf8, host: host)
            metricRules = RelabelRules()
            return
        }
        let prometheus = try RelabelDocument.prometheus(json, path)
        let job = try RelabelDocument.job(arguments.job, prometheus, path)
        let global = prometheus["global"]
        func setting(_ key: String) -> String? {
            (job[key] ?? global?[key])?.stringValue
        }
        let names: NameValidation =
            setting("metric_name_validation_scheme") == "legacy" ? .legacy : .utf8
        let name = job["job_name"]?.stringValue ?? ""
        title = "job \(name)"
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
    private static func prometheus(
        _ json: JSONValue, _ path: String
    ) throws(ComponentError) -> JSONValue {
        if json["scrape_configs"] != nil { return json }
        for receiver in json["receivers"]?.objectValue ?? []
        where receiver.key == "prometheus" || receiver.key.hasPrefix("prometheus/") {
            // There, a doubled dollar sign stands for one.
            if let config = receiver.value["config"] { return config.withSingleDollars }
        }
        throw .invalid("\(path): found no scrape_configs and no receiver of type prometheus")
    }

    private static func job(
        _ name: String?, _ prometheus: JSONValue, _ path: String
    ) throws(ComponentError) -> JSONValue {
        let jobs = prometheus["scrape_configs"]?.arrayValue ?? []
        let names = jobs.compactMap { $0["job_name"]?.stringValue }
        guard let name = name ?? (names.count == 1 ? names[0] : nil) else {
            throw .invalid("\(path): say which job with --job: \(names.joined(separator: ", "))")
        }
        guard let job = jobs.first(where: { $0["job_name"]?.stringValue == name }) else {
            throw .invalid(
                "\(path): found no job \(name), expected one of \(names.joined(separator: ", "))")
        }
        return job
    }

    private static func rules(
        _ json: JSONValue, _ name: String, names: NameValidation, host: Host
    ) throws(ComponentError) -> RelabelRules {
        if json == .null { return RelabelRules() }
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
    fileprivate var withSingleDollars: JSONValue {
        switch self {
        case .string(let text): .string(text.replacing("$$", with: "$"))
        case .array(let elements): .array(elements.map(\.withSingleDollars))
        case .object(let members):
            .object(members.map { JSONMember($0.key, $0.value.withSingleDollars) })
        default: self
        }
    }
}
