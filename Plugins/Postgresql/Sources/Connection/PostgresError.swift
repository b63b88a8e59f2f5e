package import WeirSDK

/// Why something asked of a server failed.
package struct PostgresError: Error, Sendable, Equatable {
    package enum Kind: Sendable, Equatable {
        /// There is no session: it could not be made, or it broke.
        case connection
        /// The server does not let this user in.
        case authentication
        /// The server answered that the statement failed.
        case statement
        /// There is more of an answer than is read; the session is given up in the middle of it.
        case tooMuch
        /// The time was over.
        case timeout
        /// The host is stopping.
        case cancelled
    }

    package var kind: Kind
    package var message: String
    /// The server's SQLSTATE, where it gave one.
    package var state: String

    package init(_ kind: Kind, _ message: String, state: String = "") {
        self.kind = kind
        self.message = message
        self.state = state
    }

    /// A word to count by.
    var reason: String {
        switch kind {
        case .connection: "connection"
        case .authentication: "authentication"
        case .statement: state == CustomQuery.repeated ? state : "statement"
        case .tooMuch: "too_much"
        case .timeout: "timeout"
        case .cancelled: "cancelled"
        }
    }

    /// The user may not do this.
    var isDenied: Bool { state == "42501" }

    /// Whether the session cannot be used any more.
    var endsSession: Bool { kind != .statement }

    /// The same for the host.
    package var componentError: ComponentError {
        switch kind {
        case .connection, .statement: .retry(message)
        case .authentication, .tooMuch: .refused(message)
        case .timeout: .timeout(message)
        case .cancelled: .cancelled(message)
        }
    }
}
