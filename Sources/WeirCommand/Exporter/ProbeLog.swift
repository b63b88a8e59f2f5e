import Logging
import Synchronization

/// What one instance has logged since it was last asked, for the pages of `debug=true`.
final class ProbeLog: Sendable {
    /// Lines of one collection that are kept.
    private static let limit = 100
    private let lines = Mutex<[String]>([])

    func add(_ line: String) {
        lines.withLock { if $0.count < ProbeLog.limit { $0.append(line) } }
    }

    /// The lines, which are forgotten then.
    func take() -> [String] {
        lines.withLock { lines in
            defer { lines = [] }
            return lines
        }
    }
}

/// Keeps every line, whatever its level, and passes on those that would be written without it.
struct ProbeLogHandler: LogHandler {
    private var next: any LogHandler
    private let log: ProbeLog

    init(_ next: any LogHandler, _ log: ProbeLog) {
        self.next = next
        self.log = log
    }

    var metadata: Logger.Metadata {
        get { next.metadata }
        set { next.metadata = newValue }
    }

    /// All of them; the threshold of the process stays what it is.
    var logLevel: Logger.Level {
        get { .debug }
        set {}
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { next[metadataKey: key] }
        set { next[metadataKey: key] = newValue }
    }

    func log(event: LogEvent) {
        log.add("\(event.level): \(event.message)")
        if event.level >= next.logLevel { next.log(event: event) }
    }
}
