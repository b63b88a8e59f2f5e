import WeirTelemetry

// About one line for each record.
extension TextWriter {
    mutating func writeNormal(
        _ request: borrowing RequestView, _ signal: Signal, firstResource: Int
    ) {
        let heading =
            switch signal {
            case .traces: "Traces"
            case .metrics: "Metrics"
            case .logs: "Logs"
            }
        var groups = request.resources
        var groupIndex = firstResource
        while let group = groups.next() {
            put("Resource\(heading) #\(groupIndex)")
            groupIndex += 1
            if !group.schemaURL.isEmpty {
                put(" [")
                put(group.schemaURL)
                put("]")
            }
            pairs(group.resource.attributes, before: " ", separator: " ")
            endLine()
            var scopes = group.scopes
            var scopeIndex = 0
            while let inner = scopes.next() {
                put("Scope\(heading) #\(scopeIndex)")
                scopeIndex += 1
                writeNormalScope(inner)
                switch signal {
                case .traces: writeNormal(inner.spans)
                case .metrics: writeNormal(inner.metrics)
                case .logs: writeNormal(inner.logRecords)
                }
            }
        }
    }

    /// ` name@version [schema] key=value`
    private mutating func writeNormalScope(_ group: borrowing ScopeGroupView) {
        let scope = group.scope
        if !scope.name.isEmpty || !scope.version.isEmpty { put(" ") }
        put(scope.name)
        if !scope.version.isEmpty {
            put("@")
            put(scope.version)
        }
        if !group.schemaURL.isEmpty {
            put(" [")
            put(group.schemaURL)
            put("]")
        }
        pairs(scope.attributes, before: " ", separator: " ")
        endLine()
    }

    private mutating func writeNormal(_ spans: Repeated<SpanView>) {
        var spans = spans
        while let span = spans.next() {
            put(span.name)
            put(" ")
            put(hex: span.traceID)
            put(" ")
            put(hex: span.spanID)
            pairs(span.attributes, before: " ", separator: " ")
            endLine()
        }
    }

    private mutating func writeNormal(_ records: Repeated<LogRecordView>) {
        var records = records
        while let record = records.next() {
            plain(record.body)
            pairs(record.attributes, before: " ", separator: " ")
            endLine()
        }
    }
}
