import WeirTelemetry

extension TextWriter {
    /// All fields of all metrics and their points, a line each.
    mutating func writeMetrics(_ request: borrowing RequestView, firstResource: Int) {
        var groups = request.resources
        var groupIndex = firstResource
        while let group = groups.next() {
            resource("ResourceMetrics", groupIndex, group)
            groupIndex += 1
            var scopes = group.scopes
            var scopeIndex = 0
            while let inner = scopes.next() {
                scope("ScopeMetrics", scopeIndex, inner)
                scopeIndex += 1
                var metrics = inner.metrics
                var index = 0
                while let metric = metrics.next() {
                    line("Metric #\(index)")
                    index += 1
                    write(metric)
                }
            }
        }
    }

    private mutating func write(_ metric: borrowing MetricView) {
        line("Descriptor:")
        line("     -> Name: ", metric.name)
        line("     -> Description: ", metric.description)
        line("     -> Unit: ", metric.unit)
        switch metric.data {
        case .none:
            describe(metric, "Empty")
        case .gauge(let points):
            describe(metric, "Gauge")
            write(points)
        case .sum(let points):
            describe(metric, "Sum")
            line("     -> IsMonotonic: \(metric.isMonotonic)")
            writeTemporality(metric)
            write(points)
        case .histogram(let points):
            describe(metric, "Histogram")
            writeTemporality(metric)
            write(points)
        case .exponentialHistogram(let points):
            describe(metric, "ExponentialHistogram")
            writeTemporality(metric)
            write(points)
        case .summary(let points):
            describe(metric, "Summary")
            write(points)
        }
    }

    private mutating func describe(_ metric: borrowing MetricView, _ type: String) {
        line("     -> DataType: " + type)
        attributes("     -> Metadata", metric.metadata, indent: "     ")
    }

    private mutating func writeTemporality(_ metric: borrowing MetricView) {
        line("     -> AggregationTemporality: " + metric.aggregationTemporality.text)
    }

    /// What every kind of point begins with.
    mutating func beginPoint(
        _ heading: String, _ attributes: Repeated<KeyValueView>, start: UInt64, time: UInt64
    ) {
        line(heading)
        self.attributes("Data point attributes", attributes)
        line("StartTimestamp: ", time: start)
        line("Timestamp: ", time: time)
    }

    private mutating func write(_ points: Repeated<NumberDataPointView>) {
        var points = points
        var index = 0
        while let point = points.next() {
            beginPoint(
                "NumberDataPoints #\(index)", point.attributes, start: point.startTimeUnixNano,
                time: point.timeUnixNano)
            index += 1
            write("Value: ", point.value)
            line("Flags: ", unlessZero: point.flags)
            write(point.exemplars)
        }
    }

    private mutating func write(_ label: String, _ value: NumberValue) {
        switch value {
        case .none: break
        case .int(let number): line(label + String(number))
        case .double(let number): line(label, fixed: number)
        }
    }

    mutating func write(_ exemplars: Repeated<ExemplarView>) {
        var exemplars = exemplars
        var index = 0
        while let exemplar = exemplars.next() {
            if index == 0 { line("Exemplars:") }
            line("Exemplar #\(index)")
            index += 1
            line("     -> Trace ID: ", hex: exemplar.traceID)
            line("     -> Span ID: ", hex: exemplar.spanID)
            line("     -> Timestamp: ", time: exemplar.timeUnixNano)
            write("     -> Value: ", exemplar.value)
            attributes(
                "     -> FilteredAttributes", exemplar.filteredAttributes, indent: "     ")
        }
    }
}
