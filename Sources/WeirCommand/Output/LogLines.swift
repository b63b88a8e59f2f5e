import Glibc
import Logging
import Synchronization
import WeirJSON

/// Log lines on standard error: for people (`console`) or machines (`json`).
///
/// One line, one write: lines of several threads and of a crash never mix.
struct LogLines: LogHandler {
    enum Encoding: String { case console, json }

    /// The level of all loggers that share it; a reload may change it.
    final class Threshold: Sendable {
        private let number: Atomic<Int>

        init(_ level: Logger.Level) { number = Atomic(Self.number(level)) }

        var level: Logger.Level {
            get { Logger.Level.allCases[number.load(ordering: .relaxed)] }
            set { number.store(Self.number(newValue), ordering: .relaxed) }
        }

        private static func number(_ level: Logger.Level) -> Int {
            Logger.Level.allCases.firstIndex(of: level) ?? 0
        }
    }

    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level {
        get { threshold.level }
        set { threshold.level = newValue }
    }
    let encoding: Encoding
    private let threshold: Threshold
    private let isColored: Bool

    init(level: Logger.Level, encoding: Encoding) {
        self.init(threshold: Threshold(level), encoding: encoding)
    }

    init(threshold: Threshold, encoding: Encoding) {
        self.threshold = threshold
        self.encoding = encoding
        isColored = Terminal.errors.isColored
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var fields = metadata
        if let own = event.metadata { fields.merge(own) { $1 } }
        let component = fields.removeValue(forKey: "component").map { "\($0)" }
        let sorted = fields.sorted { $0.key < $1.key }.map { ($0.key, "\($0.value)") }
        let line =
            encoding == .json
            ? json(event.level, "\(event.message)", component, sorted)
            : console(event.level, "\(event.message)", component, sorted)
        System.write(line, to: STDERR_FILENO)
    }

    private func json(
        _ level: Logger.Level, _ message: String, _ component: String?,
        _ fields: [(String, String)]
    ) -> String {
        var members = [
            JSONMember("time", .string(Timestamp.now())),
            JSONMember("level", .string(name(level))),
            JSONMember("message", .string(message)),
        ]
        if let component { members.append(JSONMember("component", .string(component))) }
        members += fields.map { JSONMember($0, .string($1)) }
        return JSONValue.object(members).serialized() + "\n"
    }

    private func console(
        _ level: Logger.Level, _ message: String, _ component: String?,
        _ fields: [(String, String)]
    ) -> String {
        var line = "\(Timestamp.now()) \(padded(level)) "
        if let component { line += "[\(component)] " }
        line += printable(message)
        for (key, value) in fields {
            let value = printable(value)
            line += " \(key)=" + (value.contains(" ") ? "\"\(value)\"" : value)
        }
        return line + "\n"
    }

    /// Text of peers may be in a message: it must not look like lines of ours, nor paint the terminal.
    private func printable(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
        else { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\t": result += " "
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case _ where scalar.properties.generalCategory == .control:
                result += "\\u{\(String(scalar.value, radix: 16))}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    private func name(_ level: Logger.Level) -> String {
        level == .warning ? "warn" : "\(level)"
    }

    private func padded(_ level: Logger.Level) -> String {
        let text = name(level)
        let padded = text + String(repeating: " ", count: max(0, 5 - text.count))
        guard isColored else { return padded }
        switch level {
        case .error, .critical: return "\u{1b}[31m\(padded)\u{1b}[0m"
        case .warning: return "\u{1b}[33m\(padded)\u{1b}[0m"
        default: return padded
        }
    }
}

extension Logger.Level {
    /// The Collector's names.
    init(configured name: String) {
        switch name.lowercased() {
        case "debug": self = .debug
        case "warn": self = .warning
        case "error", "dpanic": self = .error
        case "panic", "fatal": self = .critical
        default: self = .info
        }
    }
}

/// The time of day as RFC 3339 in UTC, to the millisecond.
enum Timestamp {
    static func now() -> String {
        var now = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &now)
        return text(now)
    }

    static func text(unixNano: UInt64) -> String {
        text(
            timespec(
                tv_sec: Int(unixNano / 1_000_000_000), tv_nsec: Int(unixNano % 1_000_000_000)))
    }

    private static func text(_ now: timespec) -> String {
        var now = now
        var parts = unsafe tm()
        unsafe gmtime_r(&now.tv_sec, &parts)
        func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let milliseconds = now.tv_nsec / 1_000_000
        let fraction =
            String(repeating: "0", count: 3 - "\(milliseconds)".count) + "\(milliseconds)"
        let day = unsafe "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))"
        let time = unsafe "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))"
        return "\(day)T\(time).\(fraction)Z"
    }
}
