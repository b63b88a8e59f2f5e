import Foundation

/// `weir-bench parse` in a process of its own, where nothing else takes memory.
struct ParseBench {
    struct Row: Sendable {
        var name: String
        var figures: ParseCommand.Figures
    }

    static func measure() throws -> [Row] {
        [
            Row(name: "2,000 series", figures: try child(series: 2000, rounds: 500)),
            Row(name: "1,000,000 series", figures: try child(series: 1_000_000, rounds: 4)),
        ]
    }

    private static func child(series: Int, rounds: Int) throws -> ParseCommand.Figures {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = ["parse", "--json", "--series", "\(series)", "--rounds", "\(rounds)"]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let text = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw BenchError("`weir-bench parse` ended with status \(process.terminationStatus)")
        }
        return try JSONDecoder().decode(ParseCommand.Figures.self, from: text)
    }

    static func table(_ rows: [Row]) -> String {
        var lines = [
            "| exposition | reading, MB/s | ns a sample | with assembling, ns a sample "
                + "| bytes a series | target |", "|---|---|---|---|---|---|",
        ]
        for row in rows {
            let own = row.figures
            let isFast = own.megabytesPerSecond >= 150
            // What a cache takes at its start says nothing about a series.
            let memory = own.samples < 100_000 ? "" : "\(own.bytesPerSeries)"
            lines.append(
                "| \(row.name) | \(Int(own.megabytesPerSecond)) | \(Int(own.readNanoseconds)) "
                    + "| \(Int(own.assembleNanoseconds)) | \(memory) "
                    + "| 150 MB/s: **\(isFast ? "reached" : "missed")** |")
        }
        return lines.joined(separator: "\n")
    }
}
