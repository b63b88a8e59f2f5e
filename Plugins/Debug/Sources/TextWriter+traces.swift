import WeirTelemetry

extension TextWriter {
    /// All fields of all spans, a line each.
    mutating func writeTraces(_ request: borrowing RequestView, firstResource: Int) {
        var groups = request.resources
        var groupIndex = firstResource
        while let group = groups.next() {
            resource("ResourceSpans", groupIndex, group)
            groupIndex += 1
            var scopes = group.scopes
            var scopeIndex = 0
            while let inner = scopes.next() {
                scope("ScopeSpans", scopeIndex, inner)
                scopeIndex += 1
                var spans = inner.spans
                var index = 0
                while let span = spans.next() {
                    line("Span #\(index)")
                    index += 1
                    write(span)
                }
            }
        }
    }

    private mutating func write(_ span: borrowing SpanView) {
        line("    Trace ID       : ", hex: span.traceID)
        line("    Parent ID      : ", hex: span.parentSpanID)
        line("    ID             : ", hex: span.spanID)
        line("    Name           : ", span.name)
        line("    Kind           : " + span.kind.text)
        if !span.traceState.isEmpty { line("    TraceState     : ", span.traceState) }
        line("    Start time     : ", time: span.startTimeUnixNano)
        line("    End time       : ", time: span.endTimeUnixNano)
        line("    Status code    : " + span.status.code.text)
        line("    Status message : ", span.status.message)
        line("    Flags          : ", unlessZero: span.flags)
        line("    DroppedAttributesCount: ", unlessZero: span.droppedAttributesCount)
        attributes("Attributes", span.attributes)
        line("    DroppedEventsCount: ", unlessZero: span.droppedEventsCount)
        writeEvents(span.events)
        line("    DroppedLinksCount: ", unlessZero: span.droppedLinksCount)
        writeLinks(span.links)
    }

    private mutating func writeEvents(_ events: Repeated<EventView>) {
        var events = events
        var index = 0
        while let event = events.next() {
            if index == 0 { line("Events:") }
            line("SpanEvent #\(index)")
            index += 1
            line("     -> Name: ", event.name)
            line("     -> Timestamp: ", time: event.timeUnixNano)
            line("     -> DroppedAttributesCount: \(event.droppedAttributesCount)")
            attributes("     -> Attributes:", event.attributes, indent: "     ")
        }
    }

    private mutating func writeLinks(_ links: Repeated<LinkView>) {
        var links = links
        var index = 0
        while let link = links.next() {
            if index == 0 { line("Links:") }
            line("SpanLink #\(index)")
            index += 1
            line("     -> Trace ID: ", hex: link.traceID)
            line("     -> ID: ", hex: link.spanID)
            line("     -> TraceState: ", link.traceState)
            line("     -> Flags: ", unlessZero: link.flags)
            line("     -> DroppedAttributesCount: \(link.droppedAttributesCount)")
            attributes("     -> Attributes:", link.attributes, indent: "     ")
        }
    }
}
