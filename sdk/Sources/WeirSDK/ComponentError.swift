/// Why a call between a component and its host did not succeed.
///
/// The message says what was found, what was expected and what to do; it goes to the log and to
/// whoever sent the data. What is beyond 480 bytes of UTF-8 is cut.
public struct ComponentError: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Kind: Sendable, Equatable {
        /// Not now: the same call may go through later. `nil` leaves the delay to the caller.
        case retry(after: Duration?)
        /// Never: the same call would fail again.
        case refused
        /// The host is stopping, or the caller gave up.
        case cancelled
        /// The deadline passed.
        case timeout
        /// This side does not have what was asked for.
        case unsupported
        /// The caller broke the contract; settings that make no sense are this, too.
        case invalid
    }

    public var kind: Kind
    public var message: String

    public init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }

    public static func retry(after delay: Duration? = nil, _ message: String) -> ComponentError {
        ComponentError(.retry(after: delay), message)
    }

    public static func refused(_ message: String) -> ComponentError {
        ComponentError(.refused, message)
    }

    public static func cancelled(_ message: String) -> ComponentError {
        ComponentError(.cancelled, message)
    }

    public static func timeout(_ message: String) -> ComponentError {
        ComponentError(.timeout, message)
    }

    public static func unsupported(_ message: String) -> ComponentError {
        ComponentError(.unsupported, message)
    }

    public static func invalid(_ message: String) -> ComponentError {
        ComponentError(.invalid, message)
    }

    public var description: String {
        let label =
            switch kind {
            case .retry(let delay?): "retry after \(delay)"
            case .retry(nil): "retry later"
            case .refused: "refused"
            case .cancelled: "cancelled"
            case .timeout: "timeout"
            case .unsupported: "unsupported"
            case .invalid: "invalid"
            }
        return "\(label): \(message)"
    }
}
