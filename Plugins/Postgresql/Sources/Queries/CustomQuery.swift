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

    /// The points of an answer. Rows of the same labels are one series: the first stays.
    package func points(_ table: Table) throws(PostgresError) -> [Point] {
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
                points.append(
                    Point(
                        metric.name, metric.type ?? .gauge, help: metric.help ?? "",
                        .number(number),
                        labelled.map { Label($0.name, row[$0.index] ?? "") }))
            }
        }
        return points
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
