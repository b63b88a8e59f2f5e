import Testing
import WeirSDK

@testable import RedisPlugin

/// Replies of Redis' protocol, whole, in pieces, and broken.
@Suite struct RESPReaderTests {
    /// Hands out pieces of these sizes, then the end.
    private func read(_ text: String, pieces: Int = .max) throws(ComponentError) -> RESPValue {
        var rest = Array(text.utf8)[...]
        var reader = RESPReader()
        return try reader.next { () throws(ComponentError) in
            let piece = rest.prefix(pieces)
            rest = rest.dropFirst(piece.count)
            return Array(piece)
        }
    }

    private static func text(_ text: String) -> RESPValue { .text(Array(text.utf8)) }

    static let replies: [(String, RESPValue)] = [
        ("+OK\r\n", text("OK")),
        (":-42\r\n", .integer(-42)),
        ("-ERR no\r\n", .error("ERR no")),
        ("$5\r\na\r\nbc\r\n", text("a\r\nbc")),
        ("$0\r\n\r\n", text("")),
        ("$-1\r\n", .null),
        ("*-1\r\n", .null),
        ("_\r\n", .null),
        ("*0\r\n", .list([])),
        ("*2\r\n$1\r\na\r\n*1\r\n:1\r\n", .list([text("a"), .list([.integer(1)])])),
        ("%1\r\n+a\r\n:1\r\n", .list([text("a"), .integer(1)])),
        ("~1\r\n:1\r\n", .list([.integer(1)])),
        (",1.5\r\n", .number(1.5)),
        ("#t\r\n", .integer(1)),
        ("=7\r\ntxt:abc\r\n", text("abc")),
        ("!5\r\nERR x\r\n", .error("ERR x")),
        ("(123456789012345678901\r\n", text("123456789012345678901")),
        (">1\r\n+push\r\n+OK\r\n", text("OK")),
        ("|1\r\n+ttl\r\n:5\r\n:7\r\n", .integer(7)),
    ]

    @Test(arguments: replies) func reads(_ text: String, _ value: RESPValue) throws {
        #expect(try read(text) == value)
        for size in 1...3 { #expect(try read(text, pieces: size) == value) }
    }

    /// Each: what is sent, and what must be said about it.
    static let broken: [(String, String)] = [
        ("", "closed the connection"),
        ("$5\r\nab", "closed the connection"),
        ("+no end", "closed the connection"),
        ("$99999999999\r\n", "at most 33554432"),
        ("$-2\r\n", "at most"),
        ("$abc\r\n", "in place of a number"),
        ("*1000000000\r\n", "at most 1048576"),
        ("*-7\r\n", "at most"),
        ("$1\r\nabc\r\n", "longer than announced"),
        ("HTTP/1.1 400 Bad Request\r\n", "speaks HTTP"),
        ("\u{15}\u{3}\u{1}", "rediss://"),
        ("?what\r\n", "is it Redis"),
        ("+a\n", "is it Redis"),
        (String(repeating: "*1\r\n", count: 40), "nested more than 16 deep"),
        ("+" + String(repeating: "a", count: 70 << 10), "a line of more than"),
        (",abc\r\n", "a number that is none"),
    ]

    @Test(arguments: broken) func refuses(_ text: String, _ message: String) {
        #expect {
            _ = try read(text, pieces: 4096)
        } throws: { error in "\(error)".contains(message) }
    }

    /// Whatever comes is a reply or an error, and never more than the limits in memory.
    @Test func survivesGarbage() {
        var random = SystemRandomNumberGenerator()
        let alphabet = Array("+-:$*_,#(=!%~>|0123456789\r\n ab\0\u{15}".utf8)
        for _ in 0..<20_000 {
            let bytes = (0..<Int.random(in: 0...40, using: &random)).map { _ in
                alphabet.randomElement(using: &random)!
            }
            _ = try? read(String(decoding: bytes, as: UTF8.self), pieces: 7)
        }
    }

    @Test func listsThatMultiplyAreBounded() {
        let bomb = String(repeating: "*1000000\r\n", count: 15)
        #expect(throws: ComponentError.self) { try read(bomb) }
    }

    @Test func keepsWhatComesAfterAReply() throws {
        var pieces = [Array("+a\r\n+b\r".utf8), Array("\n".utf8)]
        var reader = RESPReader()
        let more = { () throws(ComponentError) -> [UInt8] in
            pieces.isEmpty ? [] : pieces.removeFirst()
        }
        #expect(try reader.next(more) == Self.text("a"))
        #expect(try reader.next(more) == Self.text("b"))
    }
}
