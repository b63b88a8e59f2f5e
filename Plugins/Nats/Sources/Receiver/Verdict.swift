import WeirJSON
import WeirSDK

/// What JetStream is told of a message.
package enum Verdict: Sendable, Equatable {
    case taken
    /// To be delivered again, after this time.
    case again(after: Duration)
    /// Never to be delivered again.
    case never
    case inProgress

    /// How long a message rests that what follows could not take, if it does not say so itself.
    package static let defaultDelay = Duration.seconds(1)

    package var bytes: [UInt8] {
        switch self {
        case .taken: return Array("+ACK".utf8)
        case .again(let delay):
            let nanoseconds = Int64(clamping: delay.clampedNanoseconds)
            let json = JSONValue.object([JSONMember("delay", .integer(nanoseconds))])
            return Array("-NAK ".utf8) + json.serializedBytes()
        case .never: return Array("+TERM".utf8)
        case .inProgress: return Array("+WPI".utf8)
        }
    }
}
