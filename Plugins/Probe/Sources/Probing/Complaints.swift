import Synchronization
import WeirSDK

/// Says which of many sources fail, and why: a line when one begins to fail or fails for another
/// reason, and one when it is well again.
final class Complaints: Sendable {
    struct Outcome: Sendable {
        /// What stays the same from one collection to the next.
        var key: String
        var name: String
        /// `nil`: it is well.
        var reason: String?
    }

    private struct Told {
        var reason: String
        var nano: UInt64
    }

    /// Lines of one collection; the others are counted.
    private static let most = 20
    /// Reasons that take turns do not fill the log, and those that differ in figures less so.
    private static let pause: UInt64 = 10_000_000_000
    private static let longPause: UInt64 = 60_000_000_000

    private let host: Host
    private let told = Mutex([String: Told]())

    init(_ host: Host) { self.host = host }

    /// Takes what one collection found of all sources, or of some.
    func report(_ outcomes: [Outcome]) {
        let now = host.monotonic
        var lines = 0
        var leftOut = 0
        for outcome in outcomes {
            let isNews = told.withLock { Complaints.isNews(outcome, &$0, now) }
            guard let reason = outcome.reason else {
                if isNews { host.log(.info, "\(outcome.name) is well again") }
                continue
            }
            if isNews && lines < Complaints.most {
                lines += 1
                host.log(.warning, "\(outcome.name): \(reason)")
            } else {
                if isNews { leftOut += 1 }
                // What a page with debug=true shows.
                host.log(.debug, "\(outcome.name): \(reason)")
            }
        }
        if leftOut > 0 { host.log(.warning, "\(leftOut) more fail, which have no line here") }
    }

    private static func isNews(
        _ outcome: Outcome, _ told: inout [String: Told], _ now: UInt64
    ) -> Bool {
        guard let reason = outcome.reason else {
            return told.removeValue(forKey: outcome.key) != nil
        }
        if let known = told[outcome.key] {
            if known.reason == reason { return false }
            let isSimilar = withoutFigures(known.reason) == withoutFigures(reason)
            guard now >= known.nano + (isSimilar ? longPause : pause) else { return false }
        }
        told[outcome.key] = Told(reason: reason, nano: now)
        return true
    }

    private static func withoutFigures(_ text: String) -> String { text.filter { !$0.isNumber } }
}
