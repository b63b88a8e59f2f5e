import WeirSDK

/// Whether one backend is worth a try. A value that knows no clock.
///
/// A backend that failed is left alone for a second, then two, four, up to half a minute, or for as
/// long as it asked for; then one part tries it while all others still go elsewhere.
struct BackendHealth: Sendable {
    private var backoff = Backoff(first: .seconds(1), longest: .seconds(30))
    private var asked: UInt64 = 0
    private var isProbing = false
    /// Why it is down; `nil`: it is not.
    private(set) var failure: String?

    func isUsable(at now: UInt64) -> Bool {
        failure == nil || (!isProbing && wait(at: now) == nil)
    }

    /// How long it is still left alone; `nil`: not at all.
    func wait(at now: UInt64) -> Duration? {
        guard failure != nil else { return nil }
        let own = backoff.wait(at: now) ?? .zero
        let theirs = asked > now ? Duration(nanosecondCount: asked - now) : .zero
        return max(own, theirs) > .zero ? max(own, theirs) : nil
    }

    /// A part is being sent to it.
    mutating func began() {
        if failure != nil { isProbing = true }
    }

    /// It could not be reached or asked to be left alone. Returns whether it was up until now.
    mutating func failed(at now: UInt64, after delay: Duration?, _ message: String) -> Bool {
        let wasUp = failure == nil
        // Of many parts that fail at once, one counts.
        if wasUp || isProbing { backoff.failed(at: now) }
        if let delay { asked = max(asked, now &+ delay.clampedNanoseconds) }
        isProbing = false
        failure = message
        return wasUp
    }

    /// It answered. Returns whether it was down until now.
    mutating func succeeded() -> Bool {
        defer { self = BackendHealth() }
        return failure != nil
    }

    /// An attempt ended that says nothing about it.
    mutating func gaveUp() { isProbing = false }
}
