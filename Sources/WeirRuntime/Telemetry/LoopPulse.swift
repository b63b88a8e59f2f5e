/// When an event loop last did what it was asked to: a value without effects.
package struct LoopPulse: Sendable, Equatable {
    package enum Event: Sendable, Equatable {
        /// It has done nothing else for longer than the limit.
        case stalled
        /// It goes on, after so long.
        case recovered(UInt64)
    }

    package static let limit: UInt64 = 1_000_000_000

    /// When it was asked for a sign of life that it has not given yet.
    private var askedNano: UInt64?
    private var isStalled = false

    package init() {}

    /// Whether to ask it now: it has answered the last time.
    package mutating func ask(atNano now: UInt64) -> Bool {
        guard askedNano == nil else { return false }
        askedNano = now
        return true
    }

    package mutating func answered(atNano now: UInt64) -> Event? {
        defer { (askedNano, isStalled) = (nil, false) }
        guard isStalled, let askedNano else { return nil }
        return .recovered(now - min(now, askedNano))
    }

    package mutating func check(atNano now: UInt64) -> Event? {
        guard let askedNano, !isStalled, now >= askedNano + Self.limit else { return nil }
        isStalled = true
        return .stalled
    }
}
