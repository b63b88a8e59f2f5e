import Logging
import WeirConfig

/// Says what is wrong with a configuration where the log goes: as a compiler does, or as lines of the
/// log where machines read it.
struct DiagnosticReporter: Sendable {
    let logger: Logger
    let isJSON: Bool

    /// - Parameter level: of the errors among them.
    func report(
        _ diagnostics: [Diagnostic], prefix: String = "", level: Logger.Level = .error
    ) {
        for diagnostic in diagnostics {
            guard isJSON else {
                Terminal.errors.line(diagnostic.text(color: Terminal.errors.isColored))
                continue
            }
            var fields: Logger.Metadata = ["path": "\(diagnostic.path)"]
            let more = [
                ("found", diagnostic.found), ("expected", diagnostic.expected),
                ("help", diagnostic.suggestion),
            ]
            for case (let key, let text?) in more { fields[key] = "\(text)" }
            logger.log(
                level: diagnostic.severity == .error ? level : .warning,
                "\(prefix)\(diagnostic.file):\(diagnostic.line):\(diagnostic.column): \(diagnostic.message)",
                metadata: fields)
        }
    }
}
