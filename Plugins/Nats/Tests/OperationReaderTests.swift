import Testing
import WeirSDK

@testable import NatsPlugin

/// What servers say, whole, in pieces, and broken.
struct OperationReaderTests {
    /// Everything in a text that comes in pieces of this size.
    private func read(_ bytes: [UInt8], pieces: Int = .max) throws -> [ServerOperation] {
        var reader = OperationReader()
        var rest = bytes[...]
        var found: [ServerOperation] = []
        while !rest.isEmpty {
            reader.append(Array(rest.prefix(pieces)))
            rest = rest.dropFirst(pieces)
            while let operation = try reader.next() { found.append(operation) }
        }
        return found
    }

    private static func message(
        _ subject: String, _ payload: String, reply: String? = nil, status: Int? = nil,
        reason: String = "", _ fields: [Header] = []
    ) -> ServerOperation {
        var headers = MessageHeaders(fields)
        headers.status = status
        headers.reason = reason
        return .message(
            Message(
                subject: subject, subscription: 7, reply: reply, headers: headers,
                payload: Array(payload.utf8)))
    }

    static let texts: [(String, [ServerOperation])] = [
        ("PING\r\n", [.ping]),
        ("pong\r\n", [.pong]),
        ("+OK\r\nPING\n", [.ok, .ping]),
        ("-ERR 'Stale Connection'\r\n", [.error("Stale Connection")]),
        ("INFO {\"a\":1} \r\n", [.info(Array("{\"a\":1} ".utf8))]),
        ("MSG a.b 7 5\r\na\r\nbc\r\n", [message("a.b", "a\r\nbc")]),
        ("MSG a 7 _INBOX.x 0\r\n\r\nPING\r\n", [message("a", "", reply: "_INBOX.x"), .ping]),
        ("MSG\ta\t 7  2\r\nhi\r\n", [message("a", "hi")]),
        ("HMSG a 7 16 16\r\nNATS/1.0 503\r\n\r\n\r\n", [message("a", "", status: 503)]),
        (
            "HMSG a 7 28 28\r\nNATS/1.0 404 No Messages\r\n\r\n\r\n",
            [message("a", "", status: 404, reason: "No Messages")]
        ),
        (
            "HMSG a 7 r 24 26\r\nNATS/1.0\r\nA: b:c\r\nD:\r\n\r\nhi\r\n",
            [message("a", "hi", reply: "r", [Header("A", "b:c"), Header("D", "")])]
        ),
        ("HMSG a 7 0 2\r\nhi\r\n", [message("a", "hi")]),
    ]

    @Test(arguments: texts) func reads(_ text: String, _ operations: [ServerOperation]) throws {
        let bytes = Array(text.utf8)
        for size in 1...bytes.count { #expect(try read(bytes, pieces: size) == operations) }
    }

    /// Split at each byte, a text gives what it gives whole.
    @Test func splitAnywhere() throws {
        let bytes = Array(Self.texts.map(\.0).joined().utf8)
        let whole = Self.texts.flatMap(\.1)
        for index in 0...bytes.count {
            var reader = OperationReader()
            var found: [ServerOperation] = []
            for part in [bytes[..<index], bytes[index...]] {
                reader.append(Array(part))
                while let operation = try reader.next() { found.append(operation) }
            }
            #expect(found == whole)
        }
    }

    /// Each: what is sent, and what must be said about it.
    static let broken: [(String, String)] = [
        ("MSG a 7\r\n", "MSG has 2 words"),
        ("MSG a 7 r 1 1\r\n", "MSG has 5 words"),
        ("HMSG a 7 1\r\n", "HMSG has 3 words"),
        ("MSG a 7 99999999999\r\n", "expected 0 to"),
        ("MSG a 7 68157441\r\n", "expected 0 to 68157440"),
        ("MSG a 7 99999999999999999999999999\r\n", "expected 0 to"),
        ("MSG a 7 -1\r\n", "the number is -1"),
        ("MSG a x 1\r\n", "subscription: the number is x"),
        ("HMSG a 7 5 4\r\n", "headers: the number is 5: expected 0 to 4"),
        ("MSG a 7 1\r\nabc\r\n", "longer than its 1 bytes"),
        ("HTTP/1.1 400 Bad Request\r\n", "speaks HTTP"),
        ("\u{15}\u{3}\u{1}", "is it NATS"),
        ("-NOAUTH Authentication required.\r\n", "is it NATS"),
        ("\r\n", "is it NATS"),
        (String(repeating: "a", count: 70 << 10), "a line of more than"),
        ("PING" + String(repeating: " ", count: 70 << 10) + "\r\n", "a line of more than"),
    ]

    @Test(arguments: broken) func refuses(_ text: String, _ message: String) {
        for size in [1, 3, 4096, .max] where size > 3 || text.utf8.count < 1000 {
            #expect {
                _ = try read(Array(text.utf8), pieces: size)
            } throws: { error in "\(error)".contains(message) }
        }
    }

    /// Who publishes writes headers as he likes: that costs no connection, and no other message.
    @Test(arguments: [
        ("HMSG a 7 4 6\r\nNATShi\r\n", "do not begin with NATS/1.0"),
        ("HMSG a 7 16 18\r\nNATS/1.0 abc\r\n\r\nhi\r\n", "the status of a message is abc"),
        ("HMSG a 7 18 20\r\nNATS/1.0\r\nabcd\r\n\r\nhi\r\n", "has no name"),
    ])
    func brokenHeadersAreTheMessages(_ text: String, _ fault: String) throws {
        let found = try read(Array((text + "PING\r\n").utf8), pieces: 3)
        guard case .message(let message) = found.first else {
            Issue.record("found \(found), expected a message")
            return
        }
        #expect(message.fault?.contains(fault) == true && message.headers == MessageHeaders())
        #expect(message.payload == Array("hi".utf8) && found.last == .ping)
    }

    /// Whatever comes is an operation, an error, or the beginning of something.
    @Test func survivesGarbage() {
        var random = SystemRandomNumberGenerator()
        let words = [
            "MSG", "HMSG", "PING", "INFO", "-ERR", "+OK", " ", " ", "\r\n", "\r\n", "\n", "7", "12",
            "0", "-", "NATS/1.0", ":", "a.b", "\0", "\u{ff}", "{", "'",
        ]
        for _ in 0..<20_000 {
            let text = (0..<Int.random(in: 1...14, using: &random)).map { _ in
                words.randomElement(using: &random) ?? ""
            }.joined()
            _ = try? read(Array(text.utf8), pieces: Int.random(in: 1...9, using: &random))
        }
    }

    /// Memory follows what has come, and a long connection does not keep what it has read.
    @Test func readsALongConversation() throws {
        var reader = OperationReader()
        let payload = String(repeating: "x", count: 100_000)
        let bytes = Array("MSG a 7 100000\r\n\(payload)\r\nPING\r\n".utf8)
        var messages = 0
        for _ in 0..<50 {
            var rest = bytes[...]
            while !rest.isEmpty {
                reader.append(Array(rest.prefix(30_001)))
                rest = rest.dropFirst(30_001)
                while let operation = try reader.next() {
                    if case .message(let message) = operation {
                        #expect(message.payload.count == 100_000)
                        messages += 1
                    }
                }
            }
        }
        #expect(messages == 50)
    }

    @Test func headersAreWrittenAsTheyAreRead() throws {
        let headers = MessageHeaders([Header("Weir-Signal", "logs"), Header("Nats-Msg-Id", "a:b")])
        #expect(try MessageHeaders(parsing: headers.bytes[...]) == headers)
        #expect(headers["weir-signal"] == "logs" && headers["other"] == nil)
    }
}
