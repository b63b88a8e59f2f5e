/// Why a worker could not do what it was asked for. It goes on living.
public struct WorkerError: Error, Sendable, Equatable {
    public enum Kind: String, Sendable {
        /// The same request may go through later.
        case retry
        /// The same request would fail again.
        case refused
        /// The request itself makes no sense.
        case invalid
        /// This worker or its library does not have what was asked for.
        case unsupported
    }

    public var kind: Kind
    /// What was found, what was expected, what to do. It goes to the log of the host, so there is
    /// no secret in it.
    public var message: String

    public init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }
}
