import WeirTelemetry

/// What the points of one metric have in common.
struct MetricTemplate {
    var family: MetricFamily
    var isDelta: Bool
    var hasCreated: Bool
    var isFromPrometheus: Bool
}

extension TranslationOptions {
    var metricNaming: MetricNaming { MetricNaming(strategy: strategy, namespace: namespace) }
    var labelNaming: LabelNaming { LabelNaming(escapes: strategy.escapes) }

    /// `nil` if the metric has no name that Prometheus could use.
    func template(_ metric: borrowing MetricView, _ header: MetricHeader) -> MetricTemplate? {
        let origin = text(of: Provenance.typeKey, in: metric.metadata)
        let created = text(of: Provenance.createdKey, in: metric.metadata) == "true"
        let isDelta = header.temporality == .delta
        let name = metric.name.string
        let unit = metric.unit.string
        if let origin {
            guard let kept = metricNaming.kept(name) else { return nil }
            let family = MetricFamily(
                name: kept, type: header.type(MetricType(rawValue: origin)),
                help: metric.description.string, unit: unit)
            return MetricTemplate(
                family: family, isDelta: isDelta, hasCreated: created, isFromPrometheus: true)
        }
        let type = header.type(nil)
        let kind: MetricNaming.Kind =
            type == .counter ? .counter : header.dataField == 5 ? .gauge : .other
        guard let translated = metricNaming.name(name, unit: unit, kind) else { return nil }
        let family = MetricFamily(
            name: translated, type: type, help: metric.description.string,
            unit: UnitWords(unit).joined)
        return MetricTemplate(
            family: family, isDelta: isDelta, hasCreated: false, isFromPrometheus: false)
    }

    /// Labels of a scope; none of Prometheus' own metrics.
    func scopeLabels(_ group: borrowing ScopeGroupView) -> Labels {
        guard scopeLabels else { return Labels() }
        var attributes: [(key: String, value: String)] = []
        var all = group.scope.attributes
        while let attribute = all.next() {
            attributes.append(("otel_scope_" + attribute.key.string, attribute.value.labelText))
        }
        var labels = Labels()
        labelNaming.add(attributes, to: &labels)
        labels["otel_scope_name"] = group.scope.name.string
        labels["otel_scope_version"] = group.scope.version.string
        labels["otel_scope_schema_url"] = group.schemaURL.string
        return labels
    }

    /// The labels of one point.
    func labels(
        _ template: MetricTemplate, resource: ResourceLabels, scope: Labels,
        attributes: consuming Repeated<KeyValueView>
    ) -> Labels {
        var own: [(key: String, value: String)] = []
        if resourceToTelemetryConversion { own = resource.all }
        while let attribute = attributes.next() {
            let key = attribute.key.string
            own.removeAll { $0.key == key }
            own.append((key, attribute.value.labelText))
        }
        var labels = Labels()
        if template.isFromPrometheus {
            for (key, value) in own where key != "__name__" { labels[key] = value }
        } else {
            for label in scope.all { labels[label.name] = label.value }
            labelNaming.add(own, to: &labels)
        }
        labels["job"] = resource.job.isEmpty ? labels["job"] : resource.job
        labels["instance"] = resource.instance.isEmpty ? labels["instance"] : resource.instance
        addConstants(to: &labels)
        return labels
    }

    func addConstants(to labels: inout Labels) {
        for label in constantLabels where labels[label.name].isEmpty {
            labels[label.name] = label.value
        }
    }
}

extension MetricHeader {
    /// The type by what a metric from Prometheus says it is, as far as its data allows that.
    fileprivate func type(_ origin: MetricType?) -> MetricType {
        switch dataField {
        case 9, 10: origin == .gaugeHistogram ? .gaugeHistogram : .histogram
        case 11: .summary
        case 7: origin ?? (isMonotonic ? .counter : .gauge)
        default: origin ?? .gauge
        }
    }
}

private func text(of key: String, in metadata: consuming Repeated<KeyValueView>) -> String? {
    guard let value = metadata.first(key) else { return nil }
    return value.labelText
}

/// What a resource gives its series.
struct ResourceLabels {
    var job = ""
    var instance = ""
    /// All attributes.
    var all: [(key: String, value: String)] = []
    /// `target_info`; `nil` if it would say nothing.
    var info: SeriesIdentity?

    init(_ resource: borrowing ResourceView, _ options: TranslationOptions) {
        var namespace = ""
        var name = ""
        var others: [(key: String, value: String)] = []
        var attributes = resource.attributes
        while let attribute = attributes.next() {
            let key = attribute.key.string
            guard !all.contains(where: { $0.key == key }) else { continue }
            let value = attribute.value.labelText
            switch key {
            case "service.namespace": namespace = value
            case "service.name": name = value
            case "service.instance.id": instance = value
            default: others.append((key, value))
            }
            let isService = key.hasPrefix("service.") && others.last?.key != key
            if !isService || !options.excludesServiceAttributes { all.append((key, value)) }
        }
        if !name.isEmpty { job = namespace.isEmpty ? name : namespace + "/" + name }
        guard options.targetInfo, !others.isEmpty, !job.isEmpty || !instance.isEmpty else { return }
        var labels = Labels()
        options.labelNaming.add(others, to: &labels)
        guard !labels.isEmpty else { return }
        labels["job"] = job
        labels["instance"] = instance
        options.addConstants(to: &labels)
        let prefix = options.namespace.isEmpty ? "" : options.namespace + "_"
        let family = MetricFamily(
            name: prefix + "target_info", type: .info, help: "Target metadata")
        info = SeriesIdentity(
            family: family, labels: labels, layout: .single, isDelta: false, hasCreated: false,
            isFromPrometheus: false)
    }
}
