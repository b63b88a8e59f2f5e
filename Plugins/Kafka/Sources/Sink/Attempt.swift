import WeirSDK
import WeirTelemetry

/// One batch that is under way: its messages, and what became of those of which that is known.
///
/// A value that knows neither clock nor client.
struct Attempt {
    /// What became of one message.
    enum Fate: Equatable, Sendable {
        case delivered
        /// Not now, and why.
        case retry(String)
        /// Never: so many items, and why.
        case refused(Int, String)
    }

    /// Messages whose fate is not known.
    private(set) var open: Int
    private var delivered = 0
    private var refused = 0
    private var retry: String?
    private var refusal: String?

    init(messages: Int) { open = messages }

    /// One more is known; the outcome, if it was the last.
    mutating func note(_ fate: Fate) -> Outcome? {
        precondition(open > 0, "more reports than messages")
        open -= 1
        switch fate {
        case .delivered: delivered += 1
        case .retry(let text): retry = retry ?? text
        case .refused(let items, let text):
            refused += items
            refusal = refusal ?? text
        }
        return open == 0 ? outcome : nil
    }

    /// If a part has to come again, all of it does: what arrived arrives twice.
    private var outcome: Outcome {
        if let retry { return .retry(message: retry) }
        guard let refusal else { return .delivered() }
        if delivered == 0 { return .refused(message: refusal) }
        return .delivered(rejected: refused, message: refusal)
    }
}
