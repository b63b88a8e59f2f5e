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

    /// Prints a table of which all columns stay.
    func table(_ heading: [String], _ rows: [[String]]) {
        table(TextTable(heading: heading, rows: rows))
    }

    /// Prints a table, not wider than the terminal.
    func table(_ table: TextTable) {
        let lines = table.lines(width: width)
        line(bold(lines[0]))
        for row in lines.dropFirst() { line(row) }
    }

    /// How many characters a line has: what `COLUMNS` says, or else the terminal; `nil` for a file or
    /// pipe.
    private var width: Int? {
        if let columns = System.environment("COLUMNS").flatMap({ Int($0) }), columns > 0 {
            return columns
        }
        guard System.isTerminal(descriptor) else { return nil }
        var size = winsize()
        let result = unsafe ioctl(descriptor, UInt(TIOCGWINSZ), &size)
        return result == 0 && size.ws_col > 0 ? Int(size.ws_col) : nil
    }
}
