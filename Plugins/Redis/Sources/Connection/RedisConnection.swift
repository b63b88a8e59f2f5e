package import WeirSDK

/// One connection to a server, logged in.
// Sendable: used by one thread at a time, the one that took it out of its mutex.
package final class RedisConnection: @unchecked Sendable {
    private let stream: Stream
    private var reader = RESPReader()
    /// Of the collection in progress.
    package var deadline: Deadline
    private var database = 0

    private init(_ stream: Stream, _ deadline: Deadline) {
        self.stream = stream
        self.deadline = deadline
    }

    package static func open(
        _ streams: Streams, _ settings: HostSettings, user: String?, password: String?,
        deadline: Deadline
    ) throws(ComponentError) -> RedisConnection {
        let stream = try streams.connect(settings, deadline: deadline)
        let connection = RedisConnection(stream, deadline)
        if let password {
            try connection.logIn(user, password)
        } else if user != nil {
            throw .invalid("username has no password: set password or password_file")
        }
        return connection
    }

    /// The server's own words are not repeated here: some versions quote the command, and with it
    /// the password.
    private func logIn(_ user: String?, _ password: String) throws(ComponentError) {
        let words = ["AUTH"] + (user.map { [$0] } ?? []) + [password]
        guard let error = try send(words).error else { return }
        let who = user.map { "the user \($0)" } ?? "the default user"
        switch error.prefix(while: { $0 != " " }) {
        case "WRONGPASS":
            throw .refused("the server does not take the password of \(who): check password")
        case "ERR"
        where error.contains("without any password configured")
            || error.contains("no password is set"):
            // A password too many does no harm.
            return
        case "ERR" where error.contains("wrong number of arguments"):
            throw .refused("the server knows no users (before Redis 6): leave username out")
        case "ERR" where error.contains("invalid password"):
            throw .refused("the server does not take the password of \(who): check password")
        case "LOADING": throw .retry("the server is loading its data")
        case let code: throw .refused("the server refused to log in \(who) (\(code))")
        }
    }

    /// Sends a command and reads its reply; an error reply is a value. Once it has thrown, the
    /// connection is of no use.
    package func send(_ words: [String]) throws(ComponentError) -> RESPValue {
        try stream.write(RESPCommand.bytes(words.map { Array($0.utf8) }), deadline: deadline)
        return try reader.next { () throws(ComponentError) in
            try stream.read(limit: 64 << 10, deadline: deadline)
        }
    }

    /// Sends a command; an error reply is thrown as what it means.
    package func ask(_ words: String...) throws(ComponentError) -> RESPValue {
        let reply = try send(words)
        if let text = reply.error { throw ReplyError.component(text, words[0]) }
        return reply
    }

    /// Sends a command that the server may not know or not allow: `nil` then.
    package func tryAsk(_ words: String...) throws(ComponentError) -> RESPValue? {
        let reply = try send(words)
        return reply.error == nil ? reply : nil
    }

    /// What follows is about this database; false: there is none of this number.
    package func select(_ number: Int) throws(ComponentError) -> Bool {
        if number == database { return true }
        guard try tryAsk("SELECT", String(number)) != nil else { return false }
        database = number
        return true
    }
}

/// Replies that say no.
enum ReplyError {
    static func component(_ text: String, _ command: String) -> ComponentError {
        let code = text.prefix { $0 != " " }
        let short = text.prefix(160)
        switch code {
        case "NOAUTH":
            return .refused("the server wants a password: set password or password_file")
        case "NOPERM":
            return .refused("the user may not use \(command): \(short)")
        case "LOADING": return .retry("the server is loading its data")
        case "BUSY": return .retry("the server is busy with a script")
        case "MASTERDOWN": return .retry("the server has lost its master")
        case "DENIED":
            return .refused(
                "the server takes no connections from outside (protected mode): set a password there"
            )
        default: return .refused("\(command): the server said: \(short)")
        }
    }
}
