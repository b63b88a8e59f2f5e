import WeirTelemetry

/// One `include` or `exclude`, asked level by level.
struct Matcher: Sendable {
    let match: MatchSettings
    let signal: Signal

    /// What holds for the whole resource.
    func matchesResource(_ group: RawSpan) -> Bool {
        if match.services.isEmpty, match.resources.isEmpty { return true }
        let attributes = ResourceGroupView(group).resource.attributes
        if !match.services.isEmpty {
            guard let name = attributes.first("service.name"), isOne(of: match.services, name)
            else { return false }
        }
        return holds(match.resources, attributes)
    }

    /// What holds for a span, a log record or a metric, its attributes aside. A condition on
    /// another signal holds for none.
    func matchesName(_ record: RawSpan) -> Bool {
        switch signal {
        case .traces:
            guard match.logBodies.isEmpty, match.metricNames.isEmpty else { return false }
            return match.spanNames.isEmpty || isOne(of: match.spanNames, SpanView(record).name)
        case .logs:
            guard match.spanNames.isEmpty, match.metricNames.isEmpty else { return false }
            return match.logBodies.isEmpty || isOne(of: match.logBodies, LogRecordView(record).body)
        case .metrics:
            guard match.spanNames.isEmpty, match.logBodies.isEmpty else { return false }
            return match.metricNames.isEmpty
                || isOne(of: match.metricNames, MetricView(record).name)
        }
    }

    /// What holds for the attributes of a span, a log record, or a point of a metric's data with
    /// this field number.
    func matchesAttributes(_ record: RawSpan, data: Int) -> Bool {
        if match.attributes.isEmpty { return true }
        switch (signal, data) {
        case (.traces, _): return holds(match.attributes, SpanView(record).attributes)
        case (.logs, _): return holds(match.attributes, LogRecordView(record).attributes)
        case (.metrics, 9):
            return holds(match.attributes, HistogramDataPointView(record).attributes)
        case (.metrics, 10):
            return holds(match.attributes, ExponentialHistogramDataPointView(record).attributes)
        case (.metrics, 11):
            return holds(match.attributes, SummaryDataPointView(record).attributes)
        case (.metrics, _): return holds(match.attributes, NumberDataPointView(record).attributes)
        }
    }

    private func isOne(of names: [String], _ text: UTF8Text) -> Bool {
        for name in names where text == name { return true }
        return false
    }

    private func isOne(of names: [String], _ value: AnyValueView) -> Bool {
        guard case .string(let text) = value.content else { return false }
        return isOne(of: names, text)
    }

    private func holds(
        _ conditions: [MatchSettings.Condition], _ attributes: Repeated<KeyValueView>
    ) -> Bool {
        for condition in conditions {
            guard let value = attributes.first(condition.key) else { return false }
            if let wanted = condition.value, AttributeValue(value) != wanted { return false }
        }
        return true
    }
}
