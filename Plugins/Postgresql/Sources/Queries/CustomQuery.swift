package import WeirSDK

/// A query of the configuration's own, and the metrics that its columns are.
package struct CustomQuery: Decodable, Sendable {
    package struct Value: Decodable, Sendable {
        package var name: String
        package var type: MetricType?
        package var help: String?
        /// `nil`: the column that is called like the metric.
        package var column: String?
    }

    package var name: String
    package var query: String
    package var metrics: [Value]
    /// Columns that become labels.
    package var labels: [String]?
    /// Where it runs; `*`: in each database that is watched. `nil`: where the endpoint points.
    package var databases: [String]?
    /// How long an answer is given again before the server is asked again.
    package var interval: Duration?

    /// Throws `invalid` for names that Prometheus does not have, and for labels that a point would
    /// have twice.
    ///
    /// - Parameter reserved: Labels that the exporter adds, and where each comes from.
    package func check(reserved: [String: String] = [:]) throws(ComponentError) {
        var seen: Set<String> = []
        for label in labels ?? [] {
            if let origin = reserved[label] {
                throw .invalid(
                    "queries: \(name) has a label '\(label)', which \(origin) adds to every point; "
                        + "rename the column with AS")
            }
            guard !label.hasPrefix("__") else {
                throw .invalid(
                    "queries: \(name) has a label '\(label)'; names that begin with __ are "
                        + "Prometheus' own, so rename the column with AS")
            }
            guard seen.insert(label).inserted else {
                throw .invalid(
                    "queries: \(name) has the label '\(label)' twice; leave one of them out")
            }
        }
        if metrics.isEmpty { throw .invalid("queries: \(name) has no metrics") }
        for metric in metrics where !isMetricName(metric.name) {
            throw .invalid(
                "queries: \(name) has a metric '\(metric.name)'; expected letters, digits, '_' "
                    + "and ':', beginning with no digit")
        }
        for label in labels ?? [] where !isLabelName(label) {
            throw .invalid(
                "queries: \(name) has a label '\(label)'; expected a column whose name has letters, "
                    + "digits and '_' and begins with no digit (rename it with AS)")
        }
    }

    /// The same error, with what to do about it.
    func explaining(_ error: PostgresError, user: String) -> PostgresError {
        var error = error
        if error.state == "42601", error.message.contains("multiple commands") {
            error.message =
                "it has several statements, expected one SELECT; put each into a query of its own "
                + "(\(error.message))"
        } else if error.isDenied {
            error.message += "; GRANT SELECT ON what it reads TO \(user)"
        }
        return error
    }

    /// The `state` of the error for rows that cannot be told apart.
    static let repeated = "duplicate_series"

    /// The points of an answer. Rows of the same labels are one series, which cannot have two values:
    /// the first stays, and the rest is a fault.
    package func answer(_ table: Table) throws(PostgresError) -> Answer {
        func index(_ column: String) throws(PostgresError) -> Int {
            guard let index = table.columns.firstIndex(where: { $0.name == column }) else {
                let found = table.columns.map(\.name).joined(separator: ", ")
                throw PostgresError(
                    .statement, "the answer has no column '\(column)'; it has \(found)")
            }
            return index
        }
        var labelled: [(name: String, index: Int)] = []
        for label in labels ?? [] { labelled.append((label, try index(label))) }
        var points: [Point] = []
        var seen: Set<String> = []
        var repeats = Repeats()
        for metric in metrics {
            let column = try index(metric.column ?? metric.name)
            let type = table.columns[column].type
            for row in table.rows {
                // NULL is no value.
                guard let text = row[column] else { continue }
                guard let number = columnValue(text, type: type) else {
                    throw PostgresError(
                        .statement,
                        "column '\(table.columns[column].name)' has '\(text.prefix(40))'; expected "
                            + "a number, a truth, a time or an interval")
                }
                let point = Point(
                    metric.name, metric.type ?? .gauge, help: metric.help ?? "", .number(number),
                    labelled.map { Label($0.name, row[$0.index] ?? "") })
                if seen.insert(point.series).inserted {
                    points.append(point)
                } else {
                    repeats.add(point)
                }
            }
        }
        return Answer(points: points, fault: repeats.fault)
    }
}

/// What a collector or a query gave, and what was wrong with a part of it.
package struct Answer: Sendable {
    package var points: [Point]
    package var fault: PostgresError?

    package init(points: [Point], fault: PostgresError? = nil) {
        self.points = points
        self.fault = fault
    }
}

/// Points whose series was there already.
struct Repeats: Sendable {
    private static let shown = 3
    private var examples: [String] = []
    private var count = 0

    mutating func add(_ point: Point) {
        count += 1
        let text = point.text
        if examples.count < Self.shown, !examples.contains(text) { examples.append(text) }
    }

    /// `nil`: there were none.
    var fault: PostgresError? {
        guard count > 0 else { return nil }
        return PostgresError(
            .statement,
            "several rows have the same labels, \(examples.joined(separator: ", ")): the first of each "
                + "is kept, \(count) \(count == 1 ? "value is" : "values are") lost; GROUP BY the "
                + "labels, or add a label", state: CustomQuery.repeated)
    }
}

private func isLabelName(_ name: String) -> Bool {
    !name.isEmpty && !name.first!.isNumber
        && name.utf8.allSatisfy { isLetterOrDigit($0) || $0 == UInt8(ascii: "_") }
}

private func isMetricName(_ name: String) -> Bool {
    isLabelName(name.replacing(":", with: "_"))
}

private func isLetterOrDigit(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
    default: false
    }
}
