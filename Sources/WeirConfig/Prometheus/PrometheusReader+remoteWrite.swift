extension PrometheusReader {
    static let sinkType = "prometheusremotewrite"

    /// One sink for each remote write.
    mutating func readRemoteWrites(
        _ root: YAMLNode, _ values: PrometheusValues, labels: YAMLEntry?
    ) -> [YAMLEntry] {
        guard let section = root["remote_write"], !section.node.isNull else { return [] }
        guard let list = section.node.sequence else {
            reportType(section, expected: "a list")
            return []
        }
        let given = list.compactMap { $0["name"]?.node.scalar?.text }
        var taken: [String: SourceLocation] = [:]
        var sinks: [YAMLEntry] = []
        for (index, item) in list.enumerated() {
            let path = "remote_write".appending(index: index)
            guard item.mapping != nil else {
                collector.report(
                    .wrongType, at: item.location, path: path, "'\(path)' has the wrong type",
                    found: describe(item), expected: "a mapping")
                continue
            }
            var name = list.count > 1 ? String(index + 1) : ""
            while given.contains(name) { name += "-" }
            if let entry = item["name"], let text = entry.node.scalar?.text, !text.isEmpty {
                name = String(text.map { $0.isWhitespace ? "-" : $0 })
                if let first = taken[name] {
                    collector.report(
                        .duplicateName, at: entry.node.location, path: "\(path).name",
                        "two remote writes have the name '\(text)'",
                        found: "the first is in line \(first.line)", expected: "each name once")
                    continue
                }
                taken[name] = entry.node.location
            }
            guard item["url"].map({ !$0.node.isNull }) ?? false else {
                collector.report(
                    .missingKey, at: item.location, path: path, "'url' is missing from '\(path)'",
                    expected: "where to send, such as https://example.com/api/v1/write",
                    suggestion: item.mapping?.first { namesake(of: $0.key, in: ["url"]) != nil }
                        .map { "write 'url' in the place of '\($0.key)'" })
                continue
            }
            let id = ComponentID(type: Self.sinkType, name: name)
            let prefix = "sinks".appending(key: id.description)
            let translation = RemoteWriteTranslation(
                item, values: values, path: path, prefix: prefix, collector: collector)
            var members = translation.members
            if let labels { members.insert(labels, at: 1) }
            alias(
                "\(prefix).external_labels", "global.external_labels", in: item.location.source)
            adopt(translation.aliases)
            writes.append((id, maskingUserInfo(item["url"]?.node.scalar?.text ?? "")))
            sinks.append(
                YAMLEntry(
                    key: id.description, keyLocation: item.location,
                    node: .mapping(members, at: item.location)))
        }
        return sinks
    }

    /// Labels that go with everything that is sent. Prometheus replaces variables in them, and
    /// nowhere else.
    func readExternalLabels(_ root: YAMLNode) -> YAMLEntry? {
        guard let entry = root["global"]?.node["external_labels"], !entry.node.isEmpty else {
            return nil
        }
        let path = "global.external_labels"
        guard let labels = entry.node.mapping else {
            collector.report(
                .wrongType, at: entry.node.location, path: path,
                "'external_labels' has the wrong type", found: describe(entry.node),
                expected: "a mapping of labels")
            return nil
        }
        if root["remote_write"]?.node.isEmpty ?? true {
            collector.report(
                .noEffect, at: entry.keyLocation, path: path,
                "'external_labels' has no effect without 'remote_write'",
                suggestion: "they are added to what is sent, not to what others scrape")
            return nil
        }
        var result: [YAMLEntry] = []
        for label in labels where !label.node.isNull {
            guard var scalar = label.node.scalar else {
                collector.report(
                    .wrongType, at: label.node.location, path: path.appending(key: label.key),
                    "'\(label.key)' has the wrong type", found: describe(label.node),
                    expected: "text")
                continue
            }
            let (text, names) = weirVariables(scalar.text)
            for name in names where environment(name) == nil {
                collector.report(
                    .emptyVariable, at: label.node.location, path: path.appending(key: label.key),
                    "the environment variable \(name) is not set, so it stands for nothing",
                    suggestion: "set \(name), or write $$ for a dollar sign")
            }
            scalar = YAMLScalar(text: text, isPlain: false, tag: nil)
            var label = label
            label.node.value = .scalar(scalar)
            result.append(label)
        }
        return YAMLEntry(
            key: entry.key, keyLocation: entry.keyLocation,
            node: .mapping(result, at: entry.node.location))
    }
}
