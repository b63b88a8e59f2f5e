import CWeir
import Logging
import WeirJSON
import WeirTelemetry

/// What came of one call of an exporter's collect().
struct Collection {
    let metrics: MetricsTable
    let status: weir_status
    /// Why it failed; what it gave until then is data all the same.
    let failure: String?
}

/// The settings that the host adds to those of an exporter.
struct CollectionSettings {
    let interval: UInt64
    let initialDelay: UInt64
    let timeout: UInt64
    let labels: [Attribute]

    init(_ settings: JSONValue) {
        func nano(_ key: String, _ otherwise: Int64) -> UInt64 {
            UInt64(clamping: settings[key]?.integerValue ?? otherwise)
        }
        interval = max(nano("interval", 15_000_000_000), 1_000_000)
        initialDelay = nano("initial_delay", 1_000_000_000)
        timeout = nano("timeout", 10_000_000_000)
        labels = (settings["labels"]?.objectValue ?? []).map {
            Attribute($0.key, .string($0.value.stringValue ?? ""))
        }
    }
}

extension ComponentInstance {
    /// How long after its deadline a collection counts as one that ignores it.
    static let collectionGrace: UInt64 = 1_000_000_000

    /// Calls collect(), on the thread of the caller, and counts what went wrong.
    func collect(labels: [Attribute], deadlineNano deadline: UInt64) -> Collection {
        let metrics = MetricsTable(labels: labels)
        var error = weir_error.make()
        let status =
            unsafe call { plugin in
                ComponentInstance.until(deadline) {
                    unsafe table.pointee.collect(plugin, metrics.pointer, deadline, &error)
                }
            } ?? Status.cancelled
        for (reason, count) in metrics.rejected {
            counters.refused.add(count, .metrics, reason: reason)
            logger.error(
                "plugin \(plugin) misbehaves: \(count) points were not taken (\(reason))")
        }
        guard status != Status.ok else {
            return Collection(metrics: metrics, status: status, failure: nil)
        }
        failed(statusName(status))
        return Collection(
            metrics: metrics, status: status, failure: error.text(orStatus: status))
    }

    /// Says that a collection is still running although it should have ended.
    func ignoresDeadline() {
        failed("deadline")
        logger.error(
            """
            plugin \(plugin) misbehaves: collect() of \(key) has not returned, and its deadline has \
            passed; nothing is collected by it until it does
            """)
    }
}

/// Which failures of an exporter are worth a line: the first, one with another cause, and then one a
/// minute with how many there were, and that they are over.
struct FailureLog {
    private static let pause: UInt64 = 60_000_000_000
    /// Causes that take turns do not fill the log.
    private static let shortPause: UInt64 = 10_000_000_000
    private var told: (nano: UInt64, cause: String)?
    private var untold = 0

    mutating func failed(_ text: String, atNano now: UInt64) -> String? {
        let cause = Self.cause(text)
        if let told {
            let pause = cause == told.cause ? Self.pause : Self.shortPause
            guard now >= told.nano + pause else {
                untold += 1
                return nil
            }
        }
        defer { untold = 0 }
        told = (now, cause)
        return "collection failed: \(text)" + (untold > 0 ? " (and \(untold) more)" : "")
    }

    mutating func succeeded() -> String? {
        guard told != nil else { return nil }
        told = nil
        untold = 0
        return "collected again"
    }

    /// What stays the same while it fails for the same reason: without figures, and without what
    /// stands in parentheses at the end, such as when the next attempt comes.
    private static func cause(_ text: String) -> String {
        var text = text[...]
        if text.hasSuffix(")"), let start = text.ranges(of: " (").last {
            text = text[..<start.lowerBound]
        }
        return text.filter { !$0.isNumber }
    }
}
