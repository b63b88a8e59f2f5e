/// Rows under a heading, in columns as wide as their widest cell.
///
/// Where that is wider than the terminal, columns go that may, and the last one gets several lines.
struct TextTable {
    let heading: [String]
    let rows: [[String]]
    /// Columns that may go, the first one first.
    var mayGo: [Int] = []

    /// What the last column has at least, as long as others may go for it.
    private static let leastLast = 40

    /// The lines, the heading first.
    ///
    /// - Parameter width: of the terminal; `nil`: as wide as it gets.
    func lines(width: Int?) -> [String] {
        var columns = Array(heading.indices)
        guard let width else { return lines(columns, last: .max) }
        for column in mayGo where start(columns) + wantedLast > width {
            columns.removeAll { $0 == column }
        }
        return lines(columns, last: max(width - start(columns), 16))
    }

    private var wantedLast: Int {
        min(Self.leastLast, widest(heading.count - 1))
    }

    private func widest(_ column: Int) -> Int {
        ([heading] + rows).map { $0[column].count }.max() ?? 0
    }

    /// Where the last column begins.
    private func start(_ columns: [Int]) -> Int {
        columns.dropLast().reduce(0) { $0 + widest($1) + 2 }
    }

    private func lines(_ columns: [Int], last width: Int) -> [String] {
        let start = start(columns)
        let widths = columns.map(widest)
        return ([heading] + rows).flatMap { row in
            var text = ""
            for (column, columnWidth) in zip(columns, widths).dropLast() {
                let cell = row[column]
                text += cell + String(repeating: " ", count: columnWidth - cell.count + 2)
            }
            let parts = wrapped(row[row.count - 1], width)
            let indent = String(repeating: " ", count: start)
            return [text + (parts.first ?? "")] + parts.dropFirst().map { indent + $0 }
        }
    }
}

/// Text in lines of at most `width` characters, broken at blanks; a word that is longer stays whole.
func wrapped(_ text: String, _ width: Int) -> [String] {
    guard text.count > width else { return [text] }
    var lines = [""]
    for word in text.split(separator: " ") {
        let last = lines[lines.count - 1]
        if last.isEmpty {
            lines[lines.count - 1] = String(word)
        } else if last.count + 1 + word.count <= width {
            lines[lines.count - 1] += " " + word
        } else {
            lines.append(String(word))
        }
    }
    return lines
}
