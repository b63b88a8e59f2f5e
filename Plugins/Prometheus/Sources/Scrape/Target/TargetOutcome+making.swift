import WeirPrometheus
import WeirSDK

extension TargetOutcome {
    /// From what discovery gave, through defaults and relabelling, to a target.
    init(_ own: Labels, of group: TargetGroup, _ job: ScrapeJob) {
        let discovered = TargetOutcome.discovered(own, of: group, job)
        guard let relabelled = job.relabel.apply(discovered) else {
            self = .dropped(discovered)
            return
        }
        do throws(TargetFault) {
            self = .target(try Target(relabelled, discovered, job))
        } catch {
            self = .failed(discovered, error.message)
        }
    }

    private static func discovered(
        _ own: Labels, of group: TargetGroup, _ job: ScrapeJob
    ) -> Labels {
        var labels = own
        func setDefault(_ name: String, _ value: String) {
            if labels[name].isEmpty { labels[name] = value }
        }
        for label in group.labels.all { setDefault(label.name, label.value) }
        setDefault("job", job.name)
        setDefault("__scrape_interval__", PrometheusDuration(nanoseconds: job.interval).text)
        setDefault("__scrape_timeout__", PrometheusDuration(nanoseconds: job.timeout).text)
        setDefault("__metrics_path__", job.metricsPath)
        setDefault("__scheme__", job.scheme)
        for (name, values) in job.params {
            if let first = values.first { setDefault("__param_\(name)", first) }
        }
        return labels
    }
}

/// Why labels do not make a target.
struct TargetFault: Error, Sendable {
    var message: String
    init(_ message: String) { self.message = message }
}

extension Target {
    fileprivate init(
        _ labels: Labels, _ discovered: Labels, _ job: ScrapeJob
    ) throws(TargetFault) {
        let address = labels["__address__"]
        guard !address.isEmpty else {
            throw TargetFault("there is no __address__ after relabelling, expected host:port")
        }
        guard !address.utf8.contains(where: { $0 == UInt8(ascii: "/") || $0 <= 0x20 }) else {
            throw TargetFault(
                "__address__ is \"\(address)\", expected host:port; the path belongs into "
                    + "__metrics_path__ and the scheme into __scheme__")
        }
        let scheme = labels["__scheme__"]
        guard scheme == "http" || scheme == "https" else {
            throw TargetFault("__scheme__ is \"\(scheme)\", expected http or https")
        }
        interval = try Target.time("__scrape_interval__", labels)
        timeout = try Target.time("__scrape_timeout__", labels)
        guard timeout <= interval else {
            throw TargetFault(
                "__scrape_timeout__ is \(labels["__scrape_timeout__"]), expected at most "
                    + "__scrape_interval__, which is \(labels["__scrape_interval__"])")
        }
        self.discovered = discovered
        self.scheme = scheme
        self.address = address
        var query = job.params
        for label in labels.all where label.name.hasPrefix("__param_") {
            let name = String(label.name.dropFirst("__param_".count))
            query[name] = [label.value] + (query[name] ?? []).dropFirst()
        }
        path = Target.path(labels["__metrics_path__"], query)
        var kept = labels.all.filter { !$0.name.hasPrefix("__") }
        if labels["instance"].isEmpty { kept.append(Label("instance", address)) }
        self.labels = Labels(kept)
    }

    private static func time(_ name: String, _ labels: Labels) throws(TargetFault) -> UInt64 {
        let text = labels[name]
        guard let time = PrometheusDuration(parsing: text), time.duration > .zero else {
            throw TargetFault("\(name) is \"\(text)\", expected a duration such as 15s")
        }
        return time.duration.clampedNanoseconds
    }

    /// Path and query as Go's `net/url` writes them: keys in order, a space as `+`.
    private static func path(_ path: String, _ query: [String: [String]]) -> String {
        let absolute = path.hasPrefix("/") ? path : "/" + path
        let pairs = query.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            .flatMap { (key, values) in
                values.map { "\(queryEscaped(key))=\(queryEscaped($0))" }
            }
        let escaped = pathEscaped(absolute)
        if pairs.isEmpty { return escaped }
        return escaped + (escaped.contains("?") ? "&" : "?") + pairs.joined(separator: "&")
    }
}

/// As Go's `url.QueryEscape`, which Prometheus uses: a space becomes a plus.
private func queryEscaped(_ text: String) -> String {
    PercentEncoding.encode(text).split(separator: "%20", omittingEmptySubsequences: false)
        .joined(separator: "+")
}

/// What stands in a path by accident must not end the request line.
private func pathEscaped(_ text: String) -> String {
    PercentEncoding.encode(text) { $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "#") }
}
