extension PrometheusReader {
    /// The scrape configs of the files that `scrape_config_files` names.
    mutating func includedScrapeConfigs(_ entry: YAMLEntry?, after count: Int) -> [YAMLNode] {
        guard let entry, !entry.node.isNull else { return [] }
        guard let patterns = entry.node.sequence else {
            reportType(entry, expected: "a list of files")
            return []
        }
        var items: [YAMLNode] = []
        for pattern in patterns {
            guard let text = pattern.scalar?.text else { continue }
            let matches = files.matching(joined(folder, text))
            if matches.isEmpty {
                collector.report(
                    .nothingToDo, at: pattern.location, path: entry.key,
                    "there is no file '\(joined(folder, text))'")
            }
            for path in matches {
                items += scrapeConfigs(in: path, namedAt: pattern, after: count + items.count)
            }
        }
        return items
    }

    private mutating func scrapeConfigs(
        in path: String, namedAt place: YAMLNode, after count: Int
    ) -> [YAMLNode] {
        let contents: [UInt8]
        do {
            contents = try files.read(path)
        } catch {
            collector.report(
                .unreadableFile, at: place.location, path: "scrape_config_files",
                "cannot read the file '\(path)'", found: "\(error)",
                suggestion: "check that this process may read it")
            return []
        }
        let index = sources.count
        sources.append(
            ConfigurationSource(name: path, contents: contents, language: .prometheus))
        guard
            let root = YAMLComposer.compose(contents, source: index, reportingTo: collector)
        else { return [] }
        for member in root.mapping ?? [] where member.key != "scrape_configs" {
            collector.report(
                .unknownSection, at: member.keyLocation, path: member.key,
                "unknown section '\(member.key)' of a file of scrape configs",
                expected: "scrape_configs")
        }
        guard let entry = root["scrape_configs"], !entry.node.isNull else { return [] }
        guard let list = entry.node.sequence else {
            reportType(entry, expected: "a list of scrape configs")
            return []
        }
        let values = PrometheusValues(folder: WeirConfig.folder(of: path))
        for item in list.indices {
            alias(
                "receivers.prometheus.config.scrape_configs[\(count + item)]",
                "scrape_configs[\(item)]", in: index,
                word: ("'scrape_configs[\(count + item)]'", "'scrape_configs[\(item)]'"))
        }
        return list.map { values.read($0, key: entry.key, parent: "") }
    }

    /// What no schema says: names that stand once, and timeouts within intervals.
    func checkScrapeConfigs(_ items: [YAMLNode], defaults: YAMLNode?) {
        var places: [String: SourceLocation] = [:]
        checkTimeout(in: defaults, interval: nil, path: "global")
        for (index, item) in items.enumerated() {
            // Files that are included report by paths of their own.
            let path = "receivers.prometheus.config.scrape_configs[\(index)]"
            checkTimeout(in: item, interval: defaults?["scrape_interval"], path: path)
            guard let name = item["job_name"], let text = name.node.scalar?.text else { continue }
            if let first = places[text] {
                let file = sources.indices.contains(first.source) ? sources[first.source].name : ""
                let isSame = first.source == name.node.location.source
                collector.report(
                    .duplicateName, at: name.node.location, path: "\(path).job_name",
                    "two scrape configs have the job name '\(text)'",
                    found: "the first is in line \(first.line)" + (isSame ? "" : " of \(file)"),
                    expected: "each job_name once")
            }
            places[text] = places[text] ?? name.node.location
        }
    }

    private func checkTimeout(in node: YAMLNode?, interval outer: YAMLEntry?, path: String) {
        guard let node, let timeout = node["scrape_timeout"]?.node.scalar,
            let amount = parsePrometheusDuration(timeout.text)
        else { return }
        let written = (node["scrape_interval"] ?? outer)?.node.scalar?.text ?? "1m"
        guard let interval = parsePrometheusDuration(written), amount > interval,
            let place = node["scrape_timeout"]?.node
        else { return }
        collector.report(
            .outOfRange, at: place.location, path: "\(path).scrape_timeout",
            "'scrape_timeout' is out of range", found: describe(place),
            expected: "at most the scrape_interval, which is \(written)")
    }
}
