/// What a lookup came to.
enum NameAnswer: Sendable, Equatable {
    struct Record: Sendable, Equatable {
        /// An address as text, or a name without its final dot.
        var target: String
        /// Seconds.
        var ttl: UInt32
        var priority: UInt16 = 0
        var weight: UInt16 = 0
        var port: UInt16 = 0
    }

    enum Failure: Sendable, Equatable {
        case later
        case never
        case timeout
        case cancelled
    }

    /// The records in the order of the answer; none, if the servers know of none.
    case found([Record])
    case failed(Failure, String)
}
