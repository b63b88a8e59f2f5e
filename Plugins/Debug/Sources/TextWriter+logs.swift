import WeirTelemetry

extension TextWriter {
    /// All fields of all log records, a line each.
    mutating func writeLogs(_ request: borrowing RequestView, firstResource: Int) {
        var groups = request.resources
        var groupIndex = firstResource
        while let group = groups.next() {
            resource("ResourceLog", groupIndex, group)
            groupIndex += 1
            var scopes = group.scopes
            var scopeIndex = 0
            while let inner = scopes.next() {
                scope("ScopeLogs", scopeIndex, inner)
                scopeIndex += 1
                var records = inner.logRecords
                var index = 0
                while let record = records.next() {
                    line("LogRecord #\(index)")
                    index += 1
                    write(record)
                }
            }
        }
    }

    private mutating func write(_ record: borrowing LogRecordView) {
        line("ObservedTimestamp: ", time: record.observedTimeUnixNano)
        line("Timestamp: ", time: record.timeUnixNano)
        line("SeverityText: ", record.severityText)
        line("SeverityNumber: \(severityText(record.severityNumber))(\(record.severityNumber))")
        if !record.eventName.isEmpty { line("EventName: ", record.eventName) }
        put("Body: ")
        typed(record.body)
        endLine()
        attributes("Attributes", record.attributes)
        line("DroppedAttributesCount: ", unlessZero: record.droppedAttributesCount)
        line("Trace ID: ", hex: record.traceID)
        line("Span ID: ", hex: record.spanID)
        line("Flags: \(record.flags)")
    }
}
