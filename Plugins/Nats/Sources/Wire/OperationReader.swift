package import WeirSDK

/// Takes what a server says apart, in whatever pieces it comes. Memory grows with what has come,
/// never with what is only announced.
package struct OperationReader {
    /// INFO names all servers of a cluster; everything else is shorter.
    package static let longestLine = 64 << 10
    /// The most that a server can be told to take (`max_payload`), and room for headers.
    package static let longestMessage = (64 << 20) + (1 << 20)

    /// A message whose line was read.
    private struct Head {
        var message: Message
        var headers: Int
        var total: Int
    }

    private var bytes: [UInt8] = []
    private var start = 0
    /// How far it was looked for the end of the line.
    private var searched = 0
    private var head: Head?
    private var hasRead = false

    package init() {}

    package mutating func append(_ more: [UInt8]) {
        if start > 0, start == bytes.count || start > 1 << 16 {
            bytes.removeFirst(start)
            searched -= start
            start = 0
        }
        bytes += more
    }

    /// The next operation; `nil`: more has to come first.
    package mutating func next() throws(ComponentError) -> ServerOperation? {
        if let head { return try message(head) }
        guard let line = try line() else { return nil }
        let words = line.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
        let name = words.first.map { String(decoding: $0, as: UTF8.self) } ?? ""
        hasRead = true
        switch name.uppercased() {
        case "MSG":
            head = try head(words, "MSG", hasHeaders: false)
            return try next()
        case "HMSG":
            head = try head(words, "HMSG", hasHeaders: true)
            return try next()
        case "PING": return .ping
        case "PONG": return .pong
        case "+OK": return .ok
        case "INFO": return .info(Array(line.dropFirst(5)))
        case "-ERR":
            let text = line.dropFirst(5).filter { $0 != UInt8(ascii: "'") }
            return .error(String(decoding: text.prefix(300), as: UTF8.self))
        default: throw foreign(line)
        }
    }

    /// A line without its end.
    private mutating func line() throws(ComponentError) -> [UInt8]? {
        // A server that speaks another protocol may never end a line.
        if !hasRead, bytes.count > start, bytes[start] < 0x20 {
            throw .refused(
                "the server's first byte is \(bytes[start]): is it NATS? A port on which TLS comes "
                    + "first (handshake_first) is not supported")
        }
        guard let end = bytes[max(start, searched)...].firstIndex(of: UInt8(ascii: "\n")) else {
            searched = bytes.count
            if bytes.count - start > Self.longestLine { throw tooLong() }
            return nil
        }
        guard end - start <= Self.longestLine else { throw tooLong() }
        var line = bytes[start..<end]
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        start = end + 1
        searched = start
        return Array(line)
    }

    private func head(
        _ words: [ArraySlice<UInt8>], _ name: String, hasHeaders: Bool
    ) throws(ComponentError) -> Head {
        let least = hasHeaders ? 5 : 4
        guard words.count == least || words.count == least + 1 else {
            throw .refused(
                "\(name) has \(words.count - 1) words: expected \(least - 1) or \(least)")
        }
        let total = try number(words[words.count - 1], Self.longestMessage, name)
        let headers =
            hasHeaders ? try number(words[words.count - 2], total, "\(name), headers") : 0
        let reply = words.count > least ? String(decoding: words[3], as: UTF8.self) : nil
        return Head(
            message: Message(
                subject: String(decoding: words[1], as: UTF8.self),
                subscription: try number(words[2], .max, "\(name), subscription"), reply: reply),
            headers: headers, total: total)
    }

    private func number(
        _ word: ArraySlice<UInt8>, _ most: Int, _ what: String
    ) throws(ComponentError) -> Int {
        var value = 0
        for byte in word {
            guard (48...57).contains(byte), value <= (.max - 9) / 10 else {
                let text = String(decoding: word.prefix(30), as: UTF8.self)
                throw .refused("\(what): the number is \(text): expected 0 to \(most)")
            }
            value = value * 10 + Int(byte - 48)
        }
        guard value <= most else {
            throw .refused("\(what): the number is \(value): expected 0 to \(most)")
        }
        return value
    }

    private mutating func message(_ head: Head) throws(ComponentError) -> ServerOperation? {
        let end = start + head.total
        guard bytes.count >= end + 2 else { return nil }
        guard bytes[end] == UInt8(ascii: "\r"), bytes[end + 1] == UInt8(ascii: "\n") else {
            throw .refused("a message is longer than its \(head.total) bytes")
        }
        var message = head.message
        let body = start + head.headers
        if head.headers > 0 {
            do throws(ComponentError) {
                message.headers = try MessageHeaders(parsing: bytes[start..<body])
            } catch {
                message.fault = error.message
            }
        }
        message.payload = Array(bytes[body..<end])
        start = end + 2
        searched = start
        self.head = nil
        return .message(message)
    }

    private func tooLong() -> ComponentError {
        .refused("a line of more than \(Self.longestLine) bytes: is it NATS?")
    }

    private func foreign(_ line: [UInt8]) -> ComponentError {
        let text = String(decoding: line.prefix(40), as: UTF8.self)
        if text.hasPrefix("HTTP/") {
            return .refused("the server speaks HTTP: the port for clients is 4222 as a rule")
        }
        return .refused("the server said \(text.debugDescription): is it NATS?")
    }
}
