import Glibc
import WeirJSON
import WeirPrometheus
import WeirSDK

/// `weir relabel`: says what rules make of labels. See ``RelabelArguments/helpText``.
enum RelabelCommand {
    static let failed: Int32 = 1
    static let dropped: Int32 = 2
    static let usage: Int32 = 64

    static func run(_ arguments: [String], _ io: CommandIO) -> Int32 {
        let parsed: RelabelArguments
        do throws(RelabelArguments.Fault) {
            parsed = try RelabelArguments(arguments)
        } catch {
            io.writeError("weir relabel: \(error.message); see weir relabel --help\n")
            return usage
        }
        if parsed.help {
            io.write(RelabelArguments.helpText)
            return 0
        }
        do throws(ComponentError) {
            return try run(parsed, try RelabelDocument(parsed, host: io.host), io)
        } catch {
            io.writeError("weir relabel: \(error.message)\n")
            return failed
        }
    }

    private static func run(
        _ arguments: RelabelArguments, _ document: RelabelDocument, _ io: CommandIO
    ) throws(ComponentError) -> Int32 {
        let metric = try arguments.metric.map(series) ?? nil
        var texts = arguments.labels
        if texts.isEmpty {
            if isatty(STDIN_FILENO) == 1 {
                io.writeError("reading labels from the terminal, a set in each line; Ctrl-D ends\n")
            }
            texts = String(decoding: io.readAll(), as: UTF8.self).split(whereSeparator: \.isNewline)
                .map(String.init).filter { !$0.allSatisfy(\.isWhitespace) }
            if texts.isEmpty {
                io.writeError(
                    "weir relabel: found no labels, expected them as arguments or a set in each line"
                        + " of standard input, such as {job=\"api\"}; see weir relabel --help\n")
                return usage
            }
        }
        var status: Int32 = 0
        for text in texts {
            let reports = document.reports(try series(text), metric)
            if reports.last?.output == nil { status = dropped }
            if arguments.json {
                io.write(reports.map { $0.json.serialized() + "\n" }.joined())
            } else {
                io.write(reports.map(\.text).joined() + "\n")
            }
        }
        return status
    }

    private static func series(_ text: String) throws(ComponentError) -> Labels {
        do throws(LabelsText.Fault) {
            return try LabelsText.read(text)
        } catch {
            throw .invalid("\(text): \(error.message)")
        }
    }
}

extension RelabelDocument {
    /// The way of a target, and then of a series of it.
    fileprivate func reports(_ labels: Labels, _ metric: Labels?) -> [RelabelReport] {
        var target = labels
        for label in defaults where target[label.name].isEmpty {
            target[label.name] = label.value
        }
        let first = RelabelReport(
            title: list.isEmpty ? title : "\(title), \(list)", input: target,
            steps: targetRules.trace(target))
        guard let metric, let kept = first.output else { return [first] }
        var own = Labels(kept.all.filter { !$0.name.hasPrefix("__") })
        if own["instance"].isEmpty { own["instance"] = kept["__address__"] }
        let merged = SeriesLabels(
            target: own, honorsLabels: honorsLabels, external: Labels(), rules: metricRules
        ).merged(metric)
        return [
            first,
            RelabelReport(
                title: "\(title), metric_relabel_configs", input: merged,
                steps: metricRules.trace(merged)),
        ]
    }
}
