/// Makes the settings of a sink from one element of `remote_write`.
///
/// What Prometheus does where nothing is written is written out where the sink would do otherwise:
/// it waits 30 s for an answer, follows redirects, tries for ever, and keeps exemplars and native
/// histograms to itself in version 1.0.
struct RemoteWriteTranslation {
    let path: String
    let source: Int
    let collector: DiagnosticCollector
    private let written: [YAMLEntry]
    private let place: SourceLocation
    private(set) var members: [YAMLEntry] = []
    private(set) var aliases: [PrometheusReader.PathAlias] = []
    private let prefix: String

    init(
        _ item: YAMLNode, values: PrometheusValues, path: String, prefix: String,
        collector: DiagnosticCollector
    ) {
        self.path = path
        self.prefix = prefix
        self.collector = collector
        place = item.location
        source = item.location.source
        written = (item.mapping ?? []).compactMap { values.read($0, in: "remote_write") }
        checkKeys()
        translate()
        addDefaults()
        alias("", "")
    }

    private subscript(key: String) -> YAMLEntry? { written.first { $0.key == key } }

    private func checkKeys() {
        for entry in written {
            let inner = path.appending(key: entry.key)
            if let advice = RemoteWriteKeys.unsupported.first(where: { $0.key == entry.key })?
                .advice
            {
                collector.report(
                    .unsupportedKey, at: entry.keyLocation, path: inner,
                    "'\(entry.key)' is not supported by Weir", suggestion: advice)
            } else if let advice = RemoteWriteKeys.withoutEffect.first(where: {
                $0.key == entry.key
            })?.advice {
                collector.report(
                    .noEffect, at: entry.keyLocation, path: inner,
                    "'\(entry.key)' has no effect in Weir", suggestion: advice)
            } else if !RemoteWriteKeys.all.contains(entry.key) {
                unknown(entry, in: path, known: RemoteWriteKeys.all)
            }
        }
    }

    private func unknown(_ entry: YAMLEntry, in path: String, known: [String]) {
        if isSensitiveName(entry.key), entry.node.scalar != nil {
            collector.markSecret(entry.node.location)
        }
        collector.report(
            .unknownKey, at: entry.keyLocation, path: path.appending(key: entry.key),
            "unknown key '\(entry.key)'", expected: listed(known),
            suggestion: (nearestName(to: entry.key, in: known)
                ?? namesake(of: entry.key, in: known)).map(didYouMean))
    }

    private mutating func translate() {
        if let url = self["url"] { add(url, as: "endpoint") }
        for key in RemoteWriteKeys.same { if let entry = self[key] { members.append(entry) } }
        if var timeout = self["remote_timeout"] {
            timeout.node = timeout.node.inHours
            add(timeout, as: "timeout")
        }
        addHeaders()
        addAuthentication()
        if let tls = self["tls_config"] {
            add(
                tls, as: "tls", known: RemoteWriteKeys.tls.map(\.key),
                names: Dictionary(uniqueKeysWithValues: RemoteWriteKeys.tls.map { ($0, $1) }))
        }
    }

    private mutating func add(_ entry: YAMLEntry, as name: String) {
        alias(".\(name)", ".\(entry.key)", word: ("'\(name)'", "'\(entry.key)'"))
        members.append(YAMLEntry(key: name, keyLocation: entry.keyLocation, node: entry.node))
    }

    /// A mapping of which some keys are known, under another name.
    private mutating func add(
        _ entry: YAMLEntry, as name: String, known: [String], names: [String: String] = [:]
    ) {
        var entry = entry
        let inner = path.appending(key: entry.key)
        if let entries = entry.node.mapping {
            entry.node.value = .mapping(
                entries.compactMap { member in
                    guard known.contains(member.key) else {
                        unknown(member, in: inner, known: known)
                        return nil
                    }
                    var member = member
                    let name = names[member.key] ?? member.key
                    if name == "min_version", !readVersion(&member, in: inner) { return nil }
                    member.key = name
                    return member
                })
        }
        add(entry, as: name)
    }

    private func readVersion(_ entry: inout YAMLEntry, in path: String) -> Bool {
        guard var scalar = entry.node.scalar else { return true }
        guard let version = RemoteWriteKeys.tlsVersions[scalar.text] else {
            collector.report(
                .notAllowedValue, at: entry.node.location, path: path.appending(key: entry.key),
                "'\(entry.key)' does not have this value", found: describe(entry.node),
                expected: listed(RemoteWriteKeys.tlsVersions.keys.sorted()))
            return false
        }
        scalar.text = version
        entry.node.value = .scalar(scalar)
        return true
    }

    /// `http_headers` with one value each are the sink's `headers`.
    private mutating func addHeaders() {
        guard let entry = self["http_headers"], let headers = entry.node.mapping else { return }
        var plain: [YAMLEntry] = []
        for header in headers {
            let values = ["values", "secrets"].flatMap { header.node[$0]?.node.sequence ?? [] }
            guard values.count == 1, header.node["files"] == nil else {
                collector.report(
                    .unsupportedKey, at: header.keyLocation,
                    path: "\(path).http_headers".appending(key: header.key),
                    "'http_headers' with files, or with several values, is not supported here",
                    suggestion: "give the header one value")
                continue
            }
            plain.append(
                YAMLEntry(key: header.key, keyLocation: header.keyLocation, node: values[0]))
        }
        if let index = members.firstIndex(where: { $0.key == "headers" }) {
            members[index].node = mergeDocuments(
                members[index].node, .mapping(plain, at: entry.node.location))
        } else {
            members.append(
                YAMLEntry(
                    key: "headers", keyLocation: entry.keyLocation,
                    node: .mapping(plain, at: entry.node.location)))
        }
    }

    private mutating func addAuthentication() {
        let outer = members
        members = []
        if let basic = self["basic_auth"] {
            add(basic, as: "basic", known: RemoteWriteKeys.basicAuth)
        }
        if let authorization = self["authorization"] {
            add(authorization, as: "authorization", known: RemoteWriteKeys.authorization)
        }
        for (key, name) in [
            ("bearer_token", "credentials"), ("bearer_token_file", "credentials_file"),
        ] {
            guard let token = self[key] else { continue }
            let inner = YAMLEntry(key: name, keyLocation: token.keyLocation, node: token.node)
            members.append(
                YAMLEntry(
                    key: "authorization", keyLocation: token.keyLocation,
                    node: .mapping([inner], at: token.node.location)))
        }
        if let second = members.dropFirst().first {
            collector.report(
                .listedTwice, at: second.keyLocation, path: path,
                "this remote write says in two ways who we are",
                expected: "one of basic_auth, authorization, bearer_token and bearer_token_file")
        }
        let ways = Array(members.prefix(1))
        members = outer
        guard let way = ways.first else { return }
        members.append(
            YAMLEntry(
                key: "auth", keyLocation: way.keyLocation, node: .mapping(ways, at: place)))
        alias(".auth.basic", ".basic_auth")
        alias(".auth.authorization", ".authorization")
    }

    private mutating func addDefaults() {
        func text(_ key: String, _ text: String) -> YAMLEntry {
            YAMLEntry(key, .text(text, at: place))
        }
        func flag(_ key: String, _ value: Bool) -> YAMLEntry {
            let scalar = YAMLScalar(text: value ? "true" : "false", isPlain: true, tag: nil)
            return YAMLEntry(key, YAMLNode(value: .scalar(scalar), location: place))
        }
        var defaults = [text("timeout", "30s"), flag("follow_redirects", true)]
        let message = self["protobuf_message"]?.node.scalar?.text ?? "prometheus.WriteRequest"
        if message == "prometheus.WriteRequest" {
            defaults += [flag("send_exemplars", false), flag("send_native_histograms", false)]
        }
        let backoff = [text("min_backoff", "30ms"), text("max_backoff", "5s")]
        defaults += [
            YAMLEntry("queue_config", .mapping(backoff, at: place)),
            YAMLEntry(
                "retry_on_failure", .mapping([text("max_elapsed_time", "0s")], at: place)),
        ]
        for fallback in defaults {
            guard let index = members.firstIndex(where: { $0.key == fallback.key }) else {
                members.append(fallback)
                continue
            }
            if members[index].node.mapping != nil, fallback.node.mapping != nil {
                members[index].node = mergeDocuments(fallback.node, members[index].node)
            }
        }
    }

    private mutating func alias(
        _ name: String, _ written: String, word: (String, String)? = nil
    ) {
        aliases.append(
            PrometheusReader.PathAlias(
                prefix: prefix + name, replacement: path + written, source: source, word: word))
    }
}

extension YAMLNode {
    /// A duration of Prometheus as Go reads it, which has no days.
    fileprivate var inHours: YAMLNode {
        guard var scalar, let amount = parsePrometheusDuration(scalar.text),
            parseDuration(scalar.text) == nil
        else { return self }
        scalar.text = "\(amount / 1_000_000)ms"
        var node = self
        node.value = .scalar(scalar)
        return node
    }
}
