import CWeir

/// What is known of how a component does: by its own word (weir/ext/status.h), and by what the host
/// sees of it.
package struct ComponentHealth: Sendable, Equatable {
    package enum State: UInt32, Sendable, CaseIterable {
        case starting = 1
        case ok
        /// It may pass by itself.
        case recoverable
        case permanent
        case stopping

        package var name: String {
            switch self {
            case .starting: "starting"
            case .ok: "ok"
            case .recoverable: "recoverable error"
            case .permanent: "permanent error"
            case .stopping: "stopping"
            }
        }

        package var isError: Bool { self == .recoverable || self == .permanent }
    }

    package private(set) var state = State.starting
    /// Why, in the words of whoever said it.
    package private(set) var why = ""
    /// When it came into the state, on the monotonic clock and since 1970; for errors, when the
    /// first of those began that followed each other.
    package private(set) var sinceNano: UInt64
    package private(set) var sinceUnixNano: UInt64
    /// The last error, whether or not it has passed.
    package private(set) var lastError: (text: String, unixNano: UInt64)?

    package init(nano: UInt64, unixNano: UInt64) {
        sinceNano = nano
        sinceUnixNano = unixNano
    }

    /// - Returns: whether the state is another one now.
    package mutating func enter(
        _ state: State, _ why: String, nano: UInt64, unixNano: UInt64
    ) -> Bool {
        if state.isError { lastError = (why, unixNano) }
        // What has begun to stop, stops.
        if self.state == .stopping { return false }
        let before = self.state
        self.why = why
        self.state = state
        guard state != before else { return false }
        if !(state.isError && before.isError) { (sinceNano, sinceUnixNano) = (nano, unixNano) }
        return true
    }

    package static func == (one: ComponentHealth, other: ComponentHealth) -> Bool {
        (one.state, one.why, one.sinceNano) == (other.state, other.why, other.sinceNano)
            && one.lastError?.text == other.lastError?.text
    }
}
