import Glibc

/// Text for people: tables and colours on a terminal, plain when piped or when `NO_COLOR` is set.
struct Terminal {
    let descriptor: Int32
    let isColored: Bool

    init(_ descriptor: Int32) {
        self.descriptor = descriptor
        isColored =
            System.isTerminal(descriptor) && System.environment("NO_COLOR") == nil
            && System.environment("TERM") != "dumb"
    }

    static let output = Terminal(STDOUT_FILENO)
    static let errors = Terminal(STDERR_FILENO)

    func line(_ text: String = "") { System.write(text + "\n", to: descriptor) }

    func bold(_ text: String) -> String { isColored ? "\u{1b}[1m\(text)\u{1b}[0m" : text }
    func dim(_ text: String) -> String { isColored ? "\u{1b}[2m\(text)\u{1b}[0m" : text }
    func red(_ text: String) -> String { isColored ? "\u{1b}[31m\(text)\u{1b}[0m" : text }
    func green(_ text: String) -> String { isColored ? "\u{1b}[32m\(text)\u{1b}[0m" : text }

    /// Rows under a heading, in columns as wide as their widest cell.
    func table(_ heading: [String], _ rows: [[String]]) {
        let widths = heading.indices.map { column in
            ([heading] + rows).map { $0[column].count }.max() ?? 0
        }
        func joined(_ row: [String]) -> String {
            var text = ""
            for (column, cell) in row.enumerated() {
                let isLast = column == row.count - 1
                text += cell
                if !isLast {
                    text += String(repeating: " ", count: widths[column] - cell.count + 2)
                }
            }
            return text
        }
        line(bold(joined(heading)))
        for row in rows { line(joined(row)) }
    }
}
