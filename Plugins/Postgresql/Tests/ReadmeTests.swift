import Foundation
import Testing

@testable import PostgresqlPlugin

/// The README has a row for each metric of the catalog. `WEIR_WRITE_README=1` writes the rows.
struct ReadmeTests {
    private static let file = #filePath.replacingOccurrences(
        of: "/Tests/ReadmeTests.swift", with: "/README.md")

    private static var rows: String {
        var options = CatalogOptions()
        options.statementLength = 1
        var seen: Set<String> = []
        var rows: [String] = []
        for collector in Catalog.collectors(options) {
            let all = collector.sources.flatMap { source in
                source.metrics.map { ($0.name, source.versions, $0.versions) }
            }
            for source in collector.sources {
                let labels = source.labels.map(\.name).joined(separator: ", ")
                for metric in source.metrics where seen.insert(metric.name).inserted {
                    rows.append(
                        "| `\(metric.name)` | \(metric.type) | \(labels) | "
                            + "\(versions(all.filter { $0.0 == metric.name })) | \(collector.name) |"
                    )
                }
                if let histogram = source.histogram {
                    rows.append(
                        "| `\(histogram.name)` | histogram | \(labels) | | \(collector.name) |")
                }
            }
        }
        return rows.joined(separator: "\n")
    }

    /// The first and the last of the versions that have a metric, whatever they call its columns.
    private static func versions(_ rows: [(String, source: Versions, metric: Versions)]) -> String {
        let first = rows.map { max($0.source.first, $0.metric.first) }.min() ?? 0
        let end = rows.map { min($0.source.end, $0.metric.end) }.max() ?? 0
        if first > 12 { return end < 99 ? "\(first) to \(end - 1)" : "\(first)" }
        return end < 99 ? "to \(end - 1)" : ""
    }

    @Test func hasEveryMetric() throws {
        let text = try String(contentsOfFile: Self.file, encoding: .utf8)
        let head = "|---|---|---|---|---|\n"
        let start = try #require(text.range(of: head)).upperBound
        let end = try #require(text.range(of: "\n\n", range: start..<text.endIndex)).lowerBound
        guard ProcessInfo.processInfo.environment["WEIR_WRITE_README"] == nil else {
            let written = text.replacingCharacters(in: start..<end, with: Self.rows)
            try written.write(toFile: Self.file, atomically: true, encoding: .utf8)
            return
        }
        #expect(text[start..<end] == Self.rows, "run with WEIR_WRITE_README=1")
    }
}
