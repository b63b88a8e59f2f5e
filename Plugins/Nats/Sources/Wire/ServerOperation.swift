/// One thing that a server of NATS says.
package enum ServerOperation: Sendable, Equatable {
    /// What the server is and takes: JSON. The first thing that it says, and later news of it.
    case info([UInt8])
    case message(Message)
    case ping
    case pong
    case ok
    case error(String)
}

/// A message that came, with or without headers.
package struct Message: Sendable, Equatable {
    package var subject: String
    package var subscription: Int
    package var reply: String?
    package var headers = MessageHeaders()
    package var payload: [UInt8] = []
    /// What is wrong with its headers, which are then absent: whoever published it wrote them, and
    /// servers hand them on as they are.
    package var fault: String?
}
