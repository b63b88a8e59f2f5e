import Foundation
import Testing

/// docs/parity/NAME.md: metric by metric what the counterpart has and what we have.
struct ParityPage {
    let name: String
    let counterpart: String?
    let parity: Parity

    private var file: String { "\(Build.root)/docs/parity/\(name).md" }

    /// - Parameter counterpart: as `prometheus-redis-exporter 1.46 (Debian 12)`; `nil`: none.
    init(_ name: String, counterpart: String?, _ parity: Parity) {
        self.name = name
        self.counterpart = counterpart
        self.parity = parity
    }

    /// Writes the page if `WEIR_WRITE_PARITY=1`; otherwise the page must say what this run found.
    ///
    /// - Parameter isComplete: false where a machine decides which metrics there are: the page may
    ///   then lack metrics of this run, if both exporters have them alike.
    func check(
        isComplete: Bool = true, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        #expect(
            parity.faults.isEmpty, Comment(rawValue: listed(parity.faults)),
            sourceLocation: sourceLocation)
        if Build.environment["WEIR_WRITE_PARITY"] == "1" {
            try FileManager.default.createDirectory(
                atPath: "\(Build.root)/docs/parity", withIntermediateDirectories: true)
            try text.write(toFile: file, atomically: true, encoding: .utf8)
            return
        }
        let page = (try? String(contentsOfFile: file, encoding: .utf8)) ?? ""
        let wrong = differences(from: page, isComplete: isComplete)
        #expect(
            wrong.isEmpty,
            Comment(
                rawValue:
                    "docs/parity/\(name).md is out of date: run this test with WEIR_WRITE_PARITY=1"
                    + listed(wrong)), sourceLocation: sourceLocation)
    }

    /// Lines of this run that the page does not have. What the page has beyond them may be of another
    /// machine.
    func differences(from page: String, isComplete: Bool) -> [String] {
        let lines = page.split(separator: "\n").map(String.init)
        let known = Set(lines)
        let written = Set(lines.compactMap(Self.metric))
        return parity.rows.compactMap { row in
            let line = Self.line(row)
            if known.contains(line) { return nil }
            let mayLack = !isComplete && !written.contains(row.metric) && row.fault.isEmpty
            return mayLack ? nil : line
        }
    }

    var text: String {
        var page = "# `weir exporter \(name)`"
        let (ours, more) = (parity.rows.filter(\.isOurs).count, parity.theirs)
        if let counterpart {
            let share = String(format: "%.1f", parity.share * 100)
            page += """
                 beside \(counterpart)

                Both looked at the same server at the same moment. Of the \(more) metrics of theirs, \
                \(parity.same) are here with the same name, type and labels (\(share) %); Weir has \
                \(ours) in all.

                """
        } else {
            page += "\n\nThe \(ours) metrics of one collection.\n"
        }
        page += """

            A test of `make test` compares this page with what it finds; `WEIR_WRITE_PARITY=1` has it \
            written anew.

            | metric | type | labels | theirs | ours | remark |
            | --- | --- | --- | --- | --- | --- |

            """
        return page + parity.rows.map { Self.line($0) + "\n" }.joined()
    }

    private static func line(_ row: Parity.Row) -> String {
        let cells = [
            "`\(row.metric)`", row.type, row.labels, row.isTheirs ? "yes" : "–",
            row.isOurs ? "yes" : "no", row.remark.replacing("|", with: "\\|"),
        ]
        return "| " + cells.joined(separator: " | ") + " |"
    }

    /// The metric that a line of the table is about.
    private static func metric(_ line: String) -> String? {
        guard line.hasPrefix("| `") else { return nil }
        return line.dropFirst(3).split(separator: "`").first.map(String.init)
    }

    /// The metrics of a page that we have, for tests of dashboards and rules.
    static func ourMetrics(_ name: String) throws -> Set<String> {
        let page = try String(
            contentsOfFile: "\(Build.root)/docs/parity/\(name).md", encoding: .utf8)
        let ours = page.split(separator: "\n").filter { line in
            let cells = line.split(separator: " | ", omittingEmptySubsequences: false)
            return cells.count >= 5 && cells[4] == "yes"
        }
        return Set(ours.compactMap { metric(String($0)) })
    }
}

/// One to a line, the first fifty.
private func listed(_ faults: [String]) -> String {
    let more = faults.count > 50 ? "\n… and \(faults.count - 50) more" : ""
    return faults.prefix(50).map { "\n\($0)" }.joined() + more
}
