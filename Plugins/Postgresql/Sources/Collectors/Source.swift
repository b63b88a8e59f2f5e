/// One metric and the expression in SQL that gives it.
package struct Metric: Sendable {
    /// What NULL becomes.
    package enum Null: Sendable { case notANumber, absent, zero }

    package var name: String
    package var type: MetricType
    package var help: String
    package var sql: String
    package var versions: Versions
    package var null: Null

    package init(
        _ name: String, _ type: MetricType, _ sql: String, _ help: String,
        _ versions: Versions = .all, null: Null = .absent
    ) {
        self.name = name
        self.type = type
        self.sql = sql
        self.help = help
        self.versions = versions
        self.null = null
    }
}

/// A histogram, from a sum, a count and a condition for each bound.
package struct HistogramMetric: Sendable {
    package var name: String
    package var help: String
    /// What is counted, in SQL.
    package var sql: String
    package var bounds: [Double]

    package init(_ name: String, _ sql: String, _ help: String, bounds: [Double]) {
        self.name = name
        self.sql = sql
        self.help = help
        self.bounds = bounds
    }
}

/// One statement: it is made of its labels' and metrics' expressions, without those that the
/// server's version lacks, so that the table of metrics is the only thing that there is to keep.
package struct Source: Sendable {
    /// Names of labels, and their expressions.
    package var labels: [(name: String, sql: String)]
    /// What comes after the list of columns: `FROM ...`.
    package var from: String
    package var metrics: [Metric]
    package var histogram: HistogramMetric?
    package var versions: Versions

    package init(
        _ versions: Versions = .all, labels: [(name: String, sql: String)] = [], from: String,
        metrics: [Metric] = [], histogram: HistogramMetric? = nil
    ) {
        self.versions = versions
        self.labels = labels
        self.from = from
        self.metrics = metrics
        self.histogram = histogram
    }

    /// The metrics that a version has, in the order of their columns.
    func metrics(version: Int) -> [Metric] { metrics.filter { $0.versions.contains(version) } }

    /// The statement for a version; `nil` if it has none of this.
    package func sql(version: Int) -> String? {
        guard versions.contains(version) else { return nil }
        let metrics = metrics(version: version)
        guard !metrics.isEmpty || histogram != nil else { return nil }
        var columns = labels.map { "\($0.sql)" } + metrics.map(\.sql)
        if let histogram {
            columns += ["sum(\(histogram.sql))", "count(*)"]
            columns += histogram.bounds.map { "count(*) FILTER (WHERE \(histogram.sql) <= \($0))" }
        }
        return "SELECT \(columns.joined(separator: ", ")) \(from)"
    }

    /// The points of an answer to ``sql(version:)``.
    package func points(_ table: Table, version: Int) throws(PostgresError) -> [Point] {
        let metrics = metrics(version: version)
        var points: [Point] = []
        points.reserveCapacity(table.rows.count * metrics.count)
        for row in table.rows {
            var values = row.makeIterator()
            let labels = labels.map { Label($0.name, (values.next() ?? nil) ?? "") }
            for metric in metrics {
                guard
                    let number = try metric.number((values.next() ?? nil))
                else { continue }
                points.append(
                    Point(metric.name, metric.type, help: metric.help, .number(number), labels))
            }
            if let histogram {
                let sum = Double((values.next() ?? nil) ?? "") ?? 0
                let counts = values.map { UInt64($0 ?? "") ?? 0 }
                guard counts.count == histogram.bounds.count + 1 else {
                    throw PostgresError(
                        .statement,
                        "\(histogram.name): the answer has other columns than were asked for")
                }
                points.append(
                    Point(
                        histogram.name, .unknown, help: histogram.help,
                        .histogram(
                            bounds: histogram.bounds, counts: Array(counts.dropFirst()),
                            count: counts.first ?? 0, sum: sum), labels))
            }
        }
        return points
    }
}

extension Metric {
    /// `nil`: there is no point.
    fileprivate func number(_ text: String?) throws(PostgresError) -> Double? {
        guard let text else {
            switch null {
            case .notANumber: return .nan
            case .zero: return 0
            case .absent: return nil
            }
        }
        guard let number = numberValue(text) else {
            throw PostgresError(
                .statement, "\(name): found '\(text.prefix(40))', expected a number")
        }
        return number
    }
}

/// A number as PostgreSQL writes numbers and truths.
func numberValue(_ text: String) -> Double? {
    switch text {
    case "t", "true": 1
    case "f", "false": 0
    case "Infinity": .infinity
    case "-Infinity": -.infinity
    case "NaN": .nan
    default: Double(text)
    }
}
