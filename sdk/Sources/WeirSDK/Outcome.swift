/// How one attempt to deliver a batch ended.
public enum Outcome: Sendable, Equatable {
    /// The other side has it. `rejected` items of it were refused for good; the message says why.
    case delivered(rejected: Int = 0, message: String = "")
    /// Not now. `after` is what the other side asked for; `nil` leaves the delay to the host.
    case retry(after: Duration? = nil, message: String)
    /// Never: the same batch would fail again. The host drops and counts it.
    case refused(message: String)
    /// ``Delivery/settle(_:)`` follows.
    case pending
}

extension Outcome {
    /// The outcome that an error stands for: what may pass is retried, what cannot is refused.
    public init(_ error: ComponentError) {
        switch error.kind {
        case .retry(let delay): self = .retry(after: delay, message: error.message)
        case .cancelled, .timeout: self = .retry(message: error.message)
        case .refused, .unsupported, .invalid: self = .refused(message: error.message)
        }
    }
}
