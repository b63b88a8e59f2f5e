import WeirSDK
import WeirTelemetry

/// A partition that this member of the group has, and what is under way of it. Only the thread that
/// polls has any.
struct AssignedPartition {
    /// Why a partition is paused; it goes on when there is no reason left.
    struct Pause: OptionSet {
        let rawValue: Int
        /// A message is to be tried again.
        static let retry = Pause(rawValue: 1)
        /// Too much is read and not done.
        static let full = Pause(rawValue: 2)
        /// A message was refused for good, and `message_marking.on_error` is false; or no pipeline
        /// carries the signal.
        static let stopped = Pause(rawValue: 4)
    }

    /// A message that could not be emitted yet.
    struct Waiting {
        enum Content {
            /// There was no memory to check it in.
            case bytes([UInt8])
            case request(CheckedRequest)
            case batch(CheckedRequest, Batch, Acknowledgement?)
        }

        let offset: Int64
        var content: Content
    }

    let signal: Signal
    let encoding: MessageEncoding
    /// Tells this assignment from earlier ones of the same partition.
    let assignment: Int
    var ledger = PartitionLedger()
    var pause: Pause = []
    /// In the order of offsets.
    var waiting: [Waiting] = []
    /// What was emitted and is not settled, where someone waits for that. Not the batches: a batch
    /// is settled when the last reference to it goes, and one that comes again is a new one.
    var emitted: [Int64: CheckedRequest] = [:]
    var backoff = Backoff(first: .milliseconds(100), longest: .seconds(10))
    /// When the first of those that wait is tried again, on the host's clock.
    var retryAt: UInt64 = 0

    init(signal: Signal, encoding: MessageEncoding, assignment: Int) {
        self.signal = signal
        self.encoding = encoding
        self.assignment = assignment
    }

    mutating func wait(_ message: Waiting) {
        let index = waiting.firstIndex { $0.offset > message.offset } ?? waiting.endIndex
        waiting.insert(message, at: index)
    }
}
